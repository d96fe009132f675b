package dev.sandpool.server.logs.query;

/** A column of a table or of a result. */
public record Column(String name, Type type) {}
