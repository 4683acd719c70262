from django.core.management.base import BaseCommand, CommandParser

from accounts.services import audit_prune


class Command(BaseCommand):
    help = "Delete audit entries older than so many years; the database keeps those of the last two in any case."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--years", type=int, required=True, help="at least 2")

    def handle(self, *args: object, **options: int) -> None:
        self.stdout.write(f"{audit_prune(years=max(options['years'], 2))} entries deleted")
