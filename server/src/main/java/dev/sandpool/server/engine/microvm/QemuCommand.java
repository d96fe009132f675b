package dev.sandpool.server.engine.microvm;

import java.util.ArrayList;
import java.util.List;

/**
 * The machine, as QEMU's arguments: memory, processors, a network card and a few disks, and no
 * other device, bus or firmware. Paths are those in the monitor's container.
 *
 * @param memoryMebibytes of the whole machine
 */
record QemuCommand(Accelerator accelerator, long memoryMebibytes, int processors, Birth birth) {
  /**
   * {@code reboot=t} ends the machine, which has no power switch; {@code panic=-1} also where the
   * kernel fails.
   */
  private static final String KERNEL_OPTIONS = "reboot=t panic=-1 quiet";

  private static final String MACHINE =
      "microvm,acpi=on,pcie=off,usb=off,rtc=on,pit=on,pic=on,isa-serial=off";

  /** Of a pattern and its clones: in a file, which a pattern writes to and no clone does. */
  private static final String MEMORY = ",memory-backend=memory";

  /** A machine with all that a sandbox has. */
  List<String> sandbox(String mac) {
    List<String> command = machine();
    command.addAll(List.of("-device", "virtio-serial-device"));
    command.addAll(List.of("-device", "virtserialport,chardev=out,name=out"));
    command.addAll(List.of("-chardev", "file,id=err,path=/proc/self/fd/2"));
    command.addAll(List.of("-device", "virtserialport,chardev=err,name=err"));
    disk(command, "root", "read-only=on,file.locking=off");
    // What is on it is lost with its sandbox: nothing waits for the host's disk.
    disk(command, "disk", "cache.no-flush=on,discard=unmap,detect-zeroes=unmap");
    command.addAll(List.of("-netdev", "tap,id=net,ifname=tap0,script=no,downscript=no,vhost=off"));
    command.addAll(List.of("-device", "virtio-net-device,netdev=net,mac=" + mac));
    return command;
  }

  /** One that only boots. */
  List<String> trial() {
    return machine();
  }

  private List<String> machine() {
    List<String> command = new ArrayList<>();
    command.addAll(List.of("qemu-system-x86_64", "-name", "sandbox"));
    command.addAll(List.of("-M", MACHINE + (birth instanceof Birth.Boot ? "" : MEMORY)));
    command.addAll(List.of("-accel", accelerator.option(), "-cpu", accelerator.processor()));
    command.addAll(List.of("-m", memoryMebibytes + "M", "-smp", Integer.toString(processors)));
    command.addAll(List.of("-nodefaults", "-no-user-config", "-no-reboot"));
    command.addAll(List.of("-display", "none", "-vga", "none"));
    addBirth(command);
    command.addAll(
        List.of(
            "-sandbox", "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny"));
    command.addAll(List.of("-kernel", "/vm/kernel", "-initrd", "/vm/initramfs"));
    command.addAll(List.of("-append", KERNEL_OPTIONS + accelerator.kernelOptions()));
    command.addAll(List.of("-chardev", "stdio,id=out,signal=off"));
    disk(command, "note", "cache.no-flush=on");
    return command;
  }

  private void addBirth(List<String> command) {
    if (birth instanceof Birth.Boot) {
      command.addAll(List.of("-monitor", "none"));
      return;
    }
    boolean clone = birth instanceof Birth.Clone;
    command.addAll(
        List.of(
            "-object",
            "memory-backend-file,id=memory,mem-path=/vm/memory,size=%dM,share=%s"
                .formatted(memoryMebibytes, clone ? "off" : "on")));
    command.addAll(List.of("-chardev", "pipe,id=monitor,path=/tmp/monitor"));
    command.addAll(List.of("-mon", "chardev=monitor,mode=readline"));
    if (clone) {
      command.addAll(List.of("-incoming", "defer"));
    }
  }

  private static void disk(List<String> command, String name, String options) {
    command.add("-drive");
    command.add("if=none,format=raw,id=%s,file=/vm/%s,%s".formatted(name, name, options));
    command.add("-device");
    command.add("virtio-blk-device,drive=%s,serial=%s".formatted(name, name));
  }
}
