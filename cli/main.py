"""`tallystick`: the command of operators, bookkeepers and auditors."""

import click

from cli.accounts.commands import enrol, factors, password, recovery_codes
from cli.approvals.commands import approvals
from cli.audit.commands import audit
from cli.customers.commands import customers
from cli.drills.commands import drills
from cli.exporter.commands import export_command
from cli.importer.commands import import_file
from cli.keys.expire import keys
from cli.login import login, logout, sessions, whoami
from cli.numbers.commands import numbers
from cli.office.customers import add_verbs
from cli.office.drafts import documents
from cli.office.items import items
from cli.office.payments import payments
from cli.office.plans import plans
from cli.office.quotes import quotes
from cli.office.reminders import reminders
from cli.office.reports import reports
from cli.operations.commands import operations
from cli.restore import restore
from cli.roles.commands import explain, roles
from cli.seller.commands import seller
from cli.training.commands import training
from cli.users.commands import users


class _Tallystick(click.Group):
    """Whatever the machine refuses, a full disk for example, ends with a sentence."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:  # whoever reads the output has seen enough: click ends quietly
            raise
        except OSError as error:
            where = "" if error.filename is None else f"{error.filename}: "
            raise click.ClickException(f"{where}{error.strerror or error}") from None


@click.group(cls=_Tallystick, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="tallystick")
def main() -> None:
    """Electronic invoicing that can be proved.

    Whoever was invited begins with `tallystick enrol`, then `tallystick login`; whoever runs the system takes in a
    business with `tallystick operations found`.

    Where the broker is comes from the environment: TALLYSTICK_AMQP_URL, TALLYSTICK_AMQP_PASSWORD_FILE and
    TALLYSTICK_CALL_KEYS_FILE. After `make up` it is said by: . .run/main/client.env
    """


main.add_command(login)
main.add_command(logout)
main.add_command(enrol)
main.add_command(password)
main.add_command(factors)
main.add_command(recovery_codes)
main.add_command(whoami)
main.add_command(sessions)
main.add_command(import_file)
main.add_command(export_command)
add_verbs(customers)
main.add_command(customers)
for office in (items, quotes, documents, payments, reminders, plans, reports):
    main.add_command(office)
main.add_command(users)
main.add_command(roles)
main.add_command(explain)
main.add_command(audit)
main.add_command(restore)
main.add_command(keys)
main.add_command(training)
main.add_command(drills)
main.add_command(seller)
main.add_command(numbers)
main.add_command(approvals)
main.add_command(operations)

if __name__ == "__main__":
    main()
