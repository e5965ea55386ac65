// Kafka's own ConsumerPerformance: over one topic to warm up, over another for one record (what a start costs), then over all of it; at the end
// one line of JSON: CPU of the last less that of the one before, peak memory of the process. Arguments: bootstrap, warm-up topic, its records
// (0: none), topic, records.
import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.kafka.tools.ConsumerPerformance;

public class MeteredConsumer {
  public static void main(String[] args) throws Exception {
    OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    if (!args[2].equals("0")) read(args[0], args[1], args[2]);
    long before = system.getProcessCpuTime();
    read(args[0], args[3], "1");
    long between = system.getProcessCpuTime();
    read(args[0], args[3], args[4]);
    double cpuSeconds = (system.getProcessCpuTime() - between - (between - before)) / 1e9;
    double peakRssMb = Files.readAllLines(Path.of("/proc/self/status")).stream().filter(line -> line.startsWith("VmHWM:"))
        .mapToDouble(line -> Double.parseDouble(line.replaceAll("\\D", "")) / 1024).findFirst().orElse(Double.NaN);
    System.out.println("{\"cpuSeconds\":" + cpuSeconds + ",\"peakRssMb\":" + peakRssMb + "}");
  }

  private static void read(String bootstrap, String topic, String records) throws Exception {
    ConsumerPerformance.main(new String[] {
      "--bootstrap-server", bootstrap, "--topic", topic, "--num-records", records, "--hide-header", "--timeout", "60000"});
  }
}
