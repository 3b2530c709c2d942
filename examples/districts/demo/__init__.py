"""The invented part of the demonstration: grids, compounds, units, people and venues in two real districts. 演示数据。

Nothing here is about anybody: people and units are called 示例 (example) followed by a sign or a number. Figures are
those that public reports give for the two places; how they spread over the communities is made up.
"""
