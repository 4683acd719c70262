"""What people read instead of the names that programs use."""

import re

import pytest

from scenarios.engine.fields import Kind, camel_path, walk
from scenarios.engine.inputs import ScenarioInputs
from scenarios.pages.words import label_within, sentence

# Two words with a point between them, a word with a capital within it, a number in brackets.
WIRE = re.compile(r"[a-z]\.[a-z]|[a-z][A-Z]|\[\d*\]|_")


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ("carbon.blendShare is not known", "Wanted share in the blend is not known."),
        ("feedstocks[0].carbonContent is not known", "Carbon content of feedstock 1 is not known."),
        ("capital.tciReference is not known", "TCI of the reference plant is not known."),
        ("set carbon.carbonPrice to 0, or leave this out", "Set carbon price to 0, or leave this out."),
        ("may not be stacked with incentives[1]", "May not be stacked with incentive 2."),
        ("must be above 0 gCO2e/MJ, not -5", "Must be above 0 gCO₂e/MJ, not -5."),
        ("the shares sum to 0.9, not to 1", "The shares sum to 0.9, not to 1."),
        ("ask info@example.com, e.g. at example.com", "Ask info@example.com, e.g. at example.com."),
        ("", ""),
    ],
)
def test_a_fault_is_told_in_the_words_of_the_page(message: str, told: str) -> None:
    assert sentence(message) == told


NUMBERS = [camel_path(path) for path, item in walk(ScenarioInputs) if item.spec.kind is Kind.NUMBER]


@pytest.mark.parametrize("path", NUMBERS)
def test_no_number_is_told_by_its_path(path: str) -> None:
    said = sentence(f"{path.replace('[]', '[3]')} is not known")

    assert said.endswith(" is not known.")
    assert not WIRE.search(said.replace("RINs", "").replace("CO₂e", "")), said


def test_what_goes_by_a_common_word_is_told_with_what_it_belongs_to() -> None:
    assert label_within("finance.debt.term") == "Loan: Term"
    assert label_within("feedstocks[1].price") == "Feedstocks: Price"
    assert label_within("finance.taxRate") == "Income tax"
