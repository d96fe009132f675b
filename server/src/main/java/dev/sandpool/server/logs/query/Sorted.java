package dev.sandpool.server.logs.query;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/** The first rows in an order: as many as are asked for, or as there is room for. */
final class Sorted implements Sink {
  private final Comparator<Row> order;
  private final int most;
  private final Limits limits;
  private final Sink next;
  private final PriorityQueue<Row> heap;
  private long bytes;

  /**
   * @param most how many are asked for
   */
  Sorted(Comparator<Row> order, int most, Limits limits, Sink next) {
    this.order = order;
    this.most = most;
    this.limits = limits;
    this.next = next;
    this.heap = new PriorityQueue<>(order.reversed());
  }

  @Override
  public boolean accept(Row row) {
    if (most == 0) {
      return false;
    }
    Row worst = heap.peek();
    if (heap.size() >= most && worst != null && order.compare(row, worst) >= 0) {
      return true;
    }
    heap.add(row);
    bytes += row.bytes();
    while (heap.size() > most || limits.tooMuch(heap.size(), bytes)) {
      limits.cut(heap.size() <= most);
      Row out = heap.poll();
      bytes -= out == null ? 0 : out.bytes();
    }
    return true;
  }

  @Override
  public void end() throws QueryException {
    List<Row> rows = new ArrayList<>(heap);
    rows.sort(order);
    for (Row row : rows) {
      if (!next.accept(row)) {
        break;
      }
    }
    next.end();
  }
}
