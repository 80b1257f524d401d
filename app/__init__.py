"""The Streamlit app: score users, look at the model, its drift, and the crypto KPIs."""
