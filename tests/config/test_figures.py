"""Numbers as people read them, and as they copy them."""

import pytest
from django.template import Context, Template
from hypothesis import given
from hypothesis import strategies as st

from config.charts import Chart, Series
from config.figures import Currency, rounded, told

EUROS = Currency("EUR", 0.5, "a bank")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"), (1495.8123, "1,495.81"), (12.345, "12.35"), (0.081234, "0.08123"), (123456.78, "123,457"),
        (-1495.8, "-1,495.8"), (1e-7, "1e-07"), (1.0, "1"), (999.96, "1,000"), (25.0, "25"), (1e20, "1e+20"),
    ],
)  # fmt: skip
def test_a_number_is_told_to_four_digits(value: float, text: str) -> None:
    assert rounded(value) == text


@given(st.floats(min_value=1e-4, max_value=1e14))
def test_what_is_told_is_near_what_is_meant(value: float) -> None:
    assert float(rounded(value).replace(",", "")) == pytest.approx(value, rel=6e-4)


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [
        (4e8, "USD", ("400", "M USD")),
        (-1.5e9, "USD/year", ("-1.5", "bn USD/year")),
        (812.0, "USD", ("812", "USD")),
        (1495.8123, "USD/t", ("1,495.81", "USD/t")),
        (0.085, "%", ("8.5", "%")),
        (2.5, "1", ("2.5", "")),
        (500_000.0, "t/year", ("500,000", "t/year")),
        (20, "year", ("20", "years")),
        (1, "year", ("1", "year")),
        (22.963, "gCO2e/MJ", ("22.96", "gCO₂e/MJ")),
        (155.4, "USD/tCO2e", ("155.4", "USD/tCO₂e")),
    ],
)
def test_large_sums_are_scaled_and_prices_are_not(value: float, unit: str, said: tuple[str, str]) -> None:
    assert told(value, unit) == said


def shown(words: str, **context: object) -> str:
    return Template("{% load figures %}" + words).render(Context(context))


def test_a_figure_holds_its_exact_value() -> None:
    html = shown("{% figure value 'USD/t' %}", value=1495.8123456789)

    assert 'value="1495.8123456789"' in html
    assert "1,495.81" in html


def test_money_is_shown_in_the_currency_of_the_reader_and_nothing_else_is() -> None:
    assert "50 <" in shown("{% figure 100 'USD/t' %}", currency=EUROS)
    assert "EUR/t" in shown("{% figure 100 'USD/t' %}", currency=EUROS)
    assert "100 <" in shown("{% figure 100 't/year' %}", currency=EUROS)


def test_what_is_not_defined_says_why_and_is_escaped() -> None:
    html = shown("{% figure None 'USD' reason %}", reason="<b>no price</b>")

    assert "not defined" in html
    assert "&lt;b&gt;no price&lt;/b&gt;" in html


def test_a_chart_comes_with_its_words_and_its_numbers() -> None:
    chart = Chart("lcop", "LCOP", "Feedstock costs most.", ["Feedstock", "</script>"], [Series("Cost", [812.5, None])])

    html = Template('{% include "parts/chart.html" %}').render(Context({"chart": chart}))

    assert 'aria-label="Feedstock costs most."' in html
    assert "812.5" in html
    assert "</script>&" not in html
    assert html.count("</script>") == 1
    assert "–" in html
