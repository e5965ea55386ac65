// Java's standalone worker with its metrics readable over HTTP, in the form and under the names of Sluice's /metrics: the benches read
// both alike. Nothing is done until somebody asks, so the record path is that of the plain worker.
import com.sun.net.httpserver.HttpServer;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.apache.kafka.common.MetricName;
import org.apache.kafka.common.metrics.KafkaMetric;
import org.apache.kafka.common.metrics.MetricsReporter;

public class MeteredConnect implements MetricsReporter {
  private static final Set<String> GROUPS = Set.of("sink-task-metrics", "source-task-metrics", "connector-task-metrics");
  private static final Map<MetricName, KafkaMetric> METRICS = new ConcurrentHashMap<>();

  /** Arguments: the port for metrics, then those of ConnectStandalone. */
  public static void main(String[] args) throws Exception {
    HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", Integer.parseInt(args[0])), 0);
    server.createContext("/metrics", exchange -> {
      byte[] body = METRICS.values().stream().map(MeteredConnect::line).collect(Collectors.joining()).getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(200, body.length);
      exchange.getResponseBody().write(body);
      exchange.close();
    });
    server.start();
    org.apache.kafka.connect.cli.ConnectStandalone.main(java.util.Arrays.copyOfRange(args, 1, args.length));
  }

  private static String line(KafkaMetric metric) {
    MetricName name = metric.metricName();
    String labels = name.tags().entrySet().stream().map(tag -> tag.getKey() + "=\"" + tag.getValue() + "\"").collect(Collectors.joining(","));
    String full = ("kafka_connect_" + name.group() + "_" + name.name()).replace('-', '_');
    return full + "{" + labels + "} " + metric.metricValue() + "\n";
  }

  @Override public void metricChange(KafkaMetric metric) {
    if (GROUPS.contains(metric.metricName().group())) METRICS.put(metric.metricName(), metric);
  }

  @Override public void metricRemoval(KafkaMetric metric) {
    METRICS.remove(metric.metricName());
  }

  @Override public void init(List<KafkaMetric> metrics) {
    metrics.forEach(this::metricChange);
  }

  @Override public void configure(Map<String, ?> configs) {}

  @Override public void close() {}
}
