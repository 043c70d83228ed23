"""我的账号: whoever is signed in looks after their own password, browsers and second browser."""

from .. import guard

account = guard.face("account", "/account")

from . import home  # noqa: E402, F401  # routes hang themselves on the face above
