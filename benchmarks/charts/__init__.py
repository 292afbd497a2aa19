"""Charts of the same papers in the same topics, as BERTopic, DataMapPlot, BERTrend and this project draw them."""
