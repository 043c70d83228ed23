"""gunicorn and flask find the app here."""

from wujin_field import create_app

app = create_app()
