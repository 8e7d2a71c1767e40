"""What Streamlit is started with; in a folder of its own, since it takes `pages` beside it for pages of its kind."""
