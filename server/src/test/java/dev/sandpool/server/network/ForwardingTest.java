package dev.sandpool.server.network;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A host that forwards for sandboxes becomes everybody's router, or is no router any more. */
class ForwardingTest {
  @TempDir private Path folder;
  private Path global;
  private Path uplink;
  private Path notes;
  private Forwarding.Host host;
  private Forwarding forwarding;

  /** Each fence, and whether the uplink forwarded when it was put up. */
  private final List<String> fences = new ArrayList<>();

  @BeforeEach
  void makeHost() throws IOException {
    Path settings = Files.createDirectories(folder.resolve("ipv4/conf/eth0")).resolve("../..");
    global = Files.writeString(settings.resolve("ip_forward"), "0\n");
    uplink = Files.writeString(settings.resolve("conf/eth0/forwarding"), "0\n");
    Path routes =
        Files.writeString(
            folder.resolve("routes"),
            """
            Iface Destination Gateway Flags RefCnt Use Metric Mask MTU Window IRTT
            eth0 00000000 0104080A 0003 0 0 0 00000000 0 0 0
            eth0 0004080A 00000000 0001 0 0 0 00FFFFFF 0 0 0
            """);
    Files.createDirectories(folder.resolve("interfaces"));
    notes = folder.resolve("run/notes");
    host = new Forwarding.Host(folder.resolve("interfaces"), settings, routes, notes);
    forwarding = new Forwarding(host);
  }

  private void fence(Set<String> uplinks) throws IOException {
    fences.add(uplinks + " " + Files.readString(uplink).strip());
  }

  /** A slot whose sandbox may reach the internet. */
  private Path slot() throws IOException {
    Path slot = Files.createDirectory(folder.resolve("interfaces/spabcdaaaaaaaa"));
    Files.writeString(slot.resolve("netdev_group"), Slot.EGRESS_GROUP + "\n");
    return slot;
  }

  private static void remove(Path slot) throws IOException {
    Files.delete(slot.resolve("netdev_group"));
    Files.delete(slot);
  }

  @Test
  void anUplinkHasItsFenceBeforeItForwardsAndAsLongAsItDoes() throws IOException {
    Path slot = slot();

    forwarding.enable(this::fence);
    forwarding.settle(this::fence);

    assertThat(uplink).hasContent("1");
    assertThat(fences).containsExactly("[eth0] 0");
    remove(slot);
    forwarding.settle(this::fence);
    assertThat(uplink).hasContent("0");
    assertThat(fences).containsExactly("[eth0] 0", "[] 0");
  }

  @Test
  void aHostThatHasBecomeARouterMeanwhileStaysOne() throws IOException {
    Path slot = slot();
    forwarding.enable(this::fence);
    Files.writeString(global, "1\n");

    forwarding.fence(this::fence);

    assertThat(fences).containsExactly("[eth0] 0", "[] 1");
    remove(slot);
    forwarding.settle(this::fence);
    assertThat(uplink).hasContent("1");
    Files.writeString(global, "0\n");
    assertThat(forwarding.fenced()).as("it has been forgotten").isEmpty();
  }

  @Test
  void anUplinkThatForwardedBeforeIsLeftAsItIs() throws IOException {
    Files.writeString(uplink, "1\n");
    Path slot = slot();

    forwarding.enable(this::fence);
    remove(slot);
    forwarding.settle(this::fence);

    assertThat(uplink).hasContent("1");
    assertThat(fences).isEmpty();
  }

  @Test
  void aServerThatIsStartedAgainKnowsWhatIsFenced() throws IOException {
    slot();
    forwarding.enable(this::fence);

    var again = new Forwarding(host);

    assertThat(again.fenced()).containsExactly("eth0");
  }

  /** Its administrator wants no forwarding there, whatever the host routes elsewhere. */
  @Test
  void anUplinkOfARouterThatWasOffOnPurposeIsFencedAndOffAgain() throws IOException {
    Files.writeString(global, "1\n");
    Path slot = slot();

    forwarding.enable(this::fence);

    assertThat(uplink).hasContent("1");
    assertThat(fences).containsExactly("[eth0] 0");
    remove(slot);
    forwarding.settle(this::fence);
    assertThat(uplink).hasContent("0");
  }

  @Test
  void aServerThatIsRemovedLeavesTheFenceAndTheSwitchToTheOthers() throws IOException {
    Path others = slot();
    forwarding.enable(this::fence);
    var other = new Forwarding(host);

    forwarding.leave();

    assertThat(uplink).hasContent("1");
    assertThat(other.fenced()).containsExactly("eth0");
    remove(others);
    other.settle(this::fence);
    assertThat(uplink).hasContent("0");
    assertThat(notes.resolveSibling("")).doesNotExist();
  }

  /** Another server saw no slot yet when it switched back. */
  @Test
  void anUplinkThatWasSwitchedBackUnderASlotIsSwitchedOnAgain() throws IOException {
    slot();
    forwarding.enable(this::fence);
    Files.writeString(uplink, "0\n");
    Files.delete(notes.resolve("eth0"));

    forwarding.settle(this::fence);

    assertThat(uplink).hasContent("1");
    assertThat(forwarding.fenced()).containsExactly("eth0");
  }
}
