"""Large corpora with known truth, and what the flow of `trends.scale` costs on them."""
