"""The plugin framework: finds plugins, checks them against core and each other, calls their hooks. 插件框架。"""
