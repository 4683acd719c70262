"""What operators do to calculations: each is asked back once, done run by run, and says what came of it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import HttpRequest

from scenarios.models import Calculation
from scenarios.services import calculation_cancel, calculation_retry
from scenarios.services.running import CannotRetry, NotActive

# Each is a transaction of its own, within one request.
MOST_AT_ONCE = 500
BY_OPERATOR = "Cancelled by an operator. Your inputs are kept."


@dataclass(frozen=True, kw_only=True)
class Operation:
    """``question`` has a place for how many calculations it is about, which ``done`` follows in the message."""

    action: str
    button: str
    question: str
    explanation: str
    done: str
    do: Callable[[Calculation], object]


def _cancel(run: Calculation) -> None:
    calculation_cancel(calculation=run, message=BY_OPERATOR)


def _retry(run: Calculation) -> None:
    calculation_retry(calculation=run)


CANCEL = Operation(
    action="cancel_selected",
    button="Cancel",
    question="Cancel {many}?",
    explanation="What is queued or running ends without a result. Its user is told that an operator cancelled it.",
    done="cancelled",
    do=_cancel,
)
RETRY = Operation(
    action="retry_selected",
    button="Try again",
    question="Try {many} again?",
    explanation="Each is queued once more with the inputs it had, for the user who asked for it.",
    done="queued again",
    do=_retry,
)


def perform(request: HttpRequest, operation: Operation, runs: Iterable[Calculation]) -> None:
    """Do it to each of ``runs`` for which it still makes sense, and leave a message of the outcome."""
    done = 0
    for run in runs:
        try:
            operation.do(run)
        except (NotActive, CannotRetry) as error:
            messages.warning(request, f"{run.pk} is left as it is: {error}.")
        except ObjectDoesNotExist:
            messages.warning(request, f"{run.pk} has been deleted meanwhile.")
        else:
            done += 1
    if done:
        messages.success(request, f"{many(done)} {operation.done}.")


def many(count: int) -> str:
    return "1 calculation" if count == 1 else f"{count} calculations"
