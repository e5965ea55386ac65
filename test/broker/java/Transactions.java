// Writes to a topic's partition 0 with Java's transactional producer: committed and aborted transactions, interleaved. For fetch.test.ts.
// Arguments: bootstrap, topic. Values are "yes-n" where the transaction commits and "no-n" where it aborts.
import java.util.*;
import org.apache.kafka.clients.producer.*;
import org.apache.kafka.common.serialization.StringSerializer;

public class Transactions {
  static KafkaProducer<String, String> producer(String bootstrap, String id, String compression) {
    Properties p = new Properties();
    p.put("bootstrap.servers", bootstrap);
    p.put("transactional.id", id);
    p.put("compression.type", compression);
    p.put("linger.ms", "0");
    KafkaProducer<String, String> producer = new KafkaProducer<>(p, new StringSerializer(), new StringSerializer());
    producer.initTransactions();
    return producer;
  }

  public static void main(String[] args) throws Exception {
    String topic = args[1];
    try (var one = producer(args[0], topic + "-one", "none"); var two = producer(args[0], topic + "-two", "zstd")) {
      int n = 0;
      for (int round = 0; round < 6; round++) {
        boolean oneCommits = round % 2 == 0, twoCommits = round % 3 == 0;
        one.beginTransaction();
        two.beginTransaction();
        for (int i = 0; i < 5; i++) {
          one.send(new ProducerRecord<>(topic, 0, null, (oneCommits ? "yes-" : "no-") + n++)).get();
          two.send(new ProducerRecord<>(topic, 0, null, (twoCommits ? "yes-" : "no-") + n++)).get();
        }
        if (oneCommits) one.commitTransaction(); else one.abortTransaction();
        if (twoCommits) two.commitTransaction(); else two.abortTransaction();
      }
    }
  }
}
