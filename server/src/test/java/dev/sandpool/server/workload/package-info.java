@NullMarked
package dev.sandpool.server.workload;

import org.jspecify.annotations.NullMarked;
