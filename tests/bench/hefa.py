"""The HEFA example with every value given, in wire form."""

HEFA = {
    "plant": {"capacity": {"value": 500, "unit": "kt/year"}, "loadHours": 8000, "referenceLoadHours": 8000},
    "feedstocks": [
        {
            "feedstock": "Used cooking oil", "share": 1, "yield": 1.21, "price": 930, "carbonIntensity": 46.526,
            "carbonContent": 0.78,
        }
    ],
    "utilities": [
        {"utility": "Hydrogen", "consumption": 0.042, "price": 5400, "carbonIntensity": 0},
        {"utility": "Electricity", "consumption": 120, "price": 0.055, "carbonIntensity": 20},
    ],
    "products": [
        {"product": name, "yield": made, "price": price, "lowerHeatingValue": heat, "carbonContent": carbon,
         "density": density}
        for name, made, price, heat, carbon, density in (
            ("Jet", 0.64, 3000, 43.8, 0.847, 0.757),
            ("Diesel", 0.15, 1500, 42.6, 0.85, 0.78),
            ("Naphtha", 0.21, 1000, 43.4, 0.84, 0.70),
        )
    ],
    "capital": {
        "tciReference": 400e6, "capacityReference": 500000, "scalingExponent": 0.6, "workingCapitalRatio": 0.15,
        "locationFactor": 1,
    },
    "operating": {"indirectOpexRatio": 0.077},
    "finance": {"discountRate": 0.07, "lifetime": 20, "taxRate": 0.28},
    "carbon": {"processIntensity": 20, "fossilComparator": 89, "fossilJetPrice": 800},
}  # fmt: skip
