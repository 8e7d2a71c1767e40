"""What Streamlit runs for every reader and every click."""

from c360.dashboard.app import draw

draw()
