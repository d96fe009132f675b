/**
 * What is stored and measured, handed on to receivers of others: OpenTelemetry's protocol and
 * Loki's push.
 */
@NullMarked
package dev.sandpool.server.export;

import org.jspecify.annotations.NullMarked;
