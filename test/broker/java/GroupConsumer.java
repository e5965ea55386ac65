// A real Java consumer beside ours in a group. Args: bootstrap group assignor topic,topic… [name=value …]. Writes one line a rebalance callback
// ("assigned a-0 a-1", "revoked …", "lost …"), commits what it reads, and leaves when its standard input ends.
import java.time.Duration;
import java.util.*;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.common.TopicPartition;

public class GroupConsumer {
  static void say(String what, Collection<TopicPartition> partitions) {
    System.out.println(what + " " + partitions.stream().map(Object::toString).sorted().collect(Collectors.joining(" ")));
    System.out.flush();
  }

  public static void main(String[] args) {
    Properties p = new Properties();
    p.put("bootstrap.servers", args[0]);
    p.put("group.id", args[1]);
    p.put("partition.assignment.strategy", "org.apache.kafka.clients.consumer." + args[2]);
    p.put("key.deserializer", "org.apache.kafka.common.serialization.ByteArrayDeserializer");
    p.put("value.deserializer", "org.apache.kafka.common.serialization.ByteArrayDeserializer");
    p.put("auto.offset.reset", "earliest");
    p.put("heartbeat.interval.ms", "300");
    p.put("session.timeout.ms", "6000");
    for (int i = 4; i < args.length; i++) p.put(args[i].substring(0, args[i].indexOf('=')), args[i].substring(args[i].indexOf('=') + 1));
    AtomicBoolean stop = new AtomicBoolean();
    Thread input = new Thread(() -> {
      try { while (System.in.read() >= 0) { } } catch (Exception e) { }
      stop.set(true);
    });
    input.setDaemon(true);
    input.start();
    try (KafkaConsumer<byte[], byte[]> c = new KafkaConsumer<>(p)) {
      c.subscribe(List.of(args[3].split(",")), new ConsumerRebalanceListener() {
        public void onPartitionsAssigned(Collection<TopicPartition> l) { say("assigned", l); }
        public void onPartitionsRevoked(Collection<TopicPartition> l) { say("revoked", l); }
        public void onPartitionsLost(Collection<TopicPartition> l) { say("lost", l); }
      });
      while (!stop.get()) if (c.poll(Duration.ofMillis(100)).count() > 0) c.commitSync();
    }
  }
}
