// Runs a Java worker, standalone or distributed by -Dmbeans.of, and writes its MBeans as JSON to the file that -Dmbeans.file names, anew every second:
// [{"domain", "type", "tags": [names], "attributes": {name: value as text}}]. Started by record.ts, which
// makes mbeans.json and mbeans-distributed.json of them.
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import javax.management.MBeanAttributeInfo;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.apache.kafka.connect.cli.ConnectDistributed;
import org.apache.kafka.connect.cli.ConnectStandalone;

public class MBeans {
  public static void main(String[] args) throws Exception {
    Path file = Path.of(System.getProperty("mbeans.file"));
    Path part = Path.of(file + ".part");
    Thread dump = new Thread(() -> {
      try {
        for (;;) {
          Files.writeString(part, beans());
          Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
          Thread.sleep(1000);
        }
      } catch (Exception e) {
        e.printStackTrace();
        System.exit(1);
      }
    });
    dump.setDaemon(true);
    dump.start();
    if (System.getProperty("mbeans.of").equals("Distributed")) ConnectDistributed.main(args);
    else ConnectStandalone.main(args);
  }

  static String beans() throws Exception {
    MBeanServer server = ManagementFactory.getPlatformMBeanServer();
    List<String> found = new ArrayList<>();
    for (ObjectName name : server.queryNames(new ObjectName("kafka.*:*"), null)) {
      TreeMap<String, String> attributes = new TreeMap<>();
      try {
        for (MBeanAttributeInfo info : server.getMBeanInfo(name).getAttributes())
          attributes.put(info.getName(), String.valueOf(server.getAttribute(name, info.getName())));
      } catch (javax.management.InstanceNotFoundException | javax.management.RuntimeMBeanException e) {
        continue; // went away meanwhile, or has no state yet: a later dump has it
      }
      TreeMap<String, String> tags = new TreeMap<>(name.getKeyPropertyList());
      String type = tags.remove("type");
      found.add("{\"domain\":" + quoted(name.getDomain()) + ",\"type\":" + quoted(type) + ",\"tags\":" + object(tags)
          + ",\"attributes\":" + object(attributes) + "}");
    }
    found.sort(null);
    return "[" + String.join(",\n", found) + "]\n";
  }

  static String object(TreeMap<String, String> map) {
    List<String> parts = new ArrayList<>();
    map.forEach((key, value) -> parts.add(quoted(key) + ":" + quoted(value)));
    return "{" + String.join(",", parts) + "}";
  }

  static String quoted(String text) {
    return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + "\"";
  }
}
