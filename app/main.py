"""Entry: `streamlit run app/main.py`. What visitors see is in home.py and views/."""

from streamlit.starlette import App

from app.artifact_pages import ROUTE
from app.errors import errors_in_the_app
from app.warm import warm_up

app = App("home.py", lifespan=warm_up, routes=[ROUTE], on_script_error=errors_in_the_app)
