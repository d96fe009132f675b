package dev.sandpool.server.logs.query;

import java.util.List;

/** A query as it was written: a table and what is done with it. */
record Query(Token table, List<Stage> stages) {}
