package dev.sandpool.server.management;

import java.util.Optional;
import java.util.function.Supplier;

/**
 * Whose server this is.
 *
 * @param tenant the only tenant, a GUID
 * @param subscription the one to use where none is named; asked each time, since its file is the
 *     operator's to take away
 */
public record Tenancy(String tenant, Supplier<Optional<String>> subscription) {}
