"""The report on a model: scores, what is behind them and what to do next, as HTML, Markdown and pictures."""
