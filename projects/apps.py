from django.apps import AppConfig


class ProjectsConfig(AppConfig):
    name = "projects"

    def ready(self) -> None:
        from accounts.choices import Kind
        from accounts.sentences import worded
        from projects import caching
        from projects.wording import project_wording

        caching.connect()
        worded(Kind.PROJECT, project_wording)
