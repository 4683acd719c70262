from django.apps import AppConfig


class ProjectsConfig(AppConfig):
    name = "projects"

    def ready(self) -> None:
        from accounts.choices import Kind
        from accounts.sentences import worded
        from accounts.services import register_holdings
        from projects import caching
        from projects.holdings import TeamProjects
        from projects.wording import project_wording

        caching.connect()
        worded(Kind.PROJECT, project_wording)
        register_holdings(TeamProjects())
