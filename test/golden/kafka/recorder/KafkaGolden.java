// Records golden files from the real Kafka client classes: murmur2, RangeAssignor, the sticky assignors, the consumer protocol's bytes.
// Run by npm run golden.
// It lives in the package of AbstractStickyAssignor to be allowed to extend it. Seeds are fixed: the same jars give the same files.
package org.apache.kafka.clients.consumer.internals;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.*;
import java.util.*;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.*;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.utils.Utils;

public class KafkaGolden {
  /** The sticky assignment itself, before CooperativeStickyAssignor holds back what moves. */
  static class Plain extends AbstractStickyAssignor {
    public String name() { return "plain"; }
    protected MemberData memberData(Subscription s) {
      return new MemberData(s.ownedPartitions(), s.generationId().filter(g -> g >= 0), s.rackId());
    }
  }

  static String q(String s) { return "\"" + s + "\""; }

  static String partitions(Collection<TopicPartition> list) {
    StringJoiner j = new StringJoiner(",", "[", "]");
    for (TopicPartition p : list) j.add("[" + q(p.topic()) + "," + p.partition() + "]");
    return j.toString();
  }

  static String assignment(Map<String, List<TopicPartition>> m) {
    StringJoiner j = new StringJoiner(",", "{", "}");
    for (String k : new TreeMap<>(m).keySet()) j.add(q(k) + ":" + partitions(m.get(k)));
    return j.toString();
  }

  static String members(Map<String, Subscription> subs) {
    StringJoiner j = new StringJoiner(",", "[", "]");
    for (Map.Entry<String, Subscription> e : new TreeMap<>(subs).entrySet()) {
      Subscription s = e.getValue();
      StringJoiner t = new StringJoiner(",", "[", "]");
      for (String topic : s.topics()) t.add(q(topic));
      j.add("{\"memberId\":" + q(e.getKey()) + ",\"groupInstanceId\":" + s.groupInstanceId().map(KafkaGolden::q).orElse("null")
          + ",\"topics\":" + t + ",\"owned\":" + partitions(s.ownedPartitions()) + ",\"generation\":" + s.generationId().orElse(-1) + "}");
    }
    return j.toString();
  }

  static String counts(Map<String, Integer> m) {
    StringJoiner j = new StringJoiner(",", "{", "}");
    for (Map.Entry<String, Integer> e : new TreeMap<>(m).entrySet()) j.add(q(e.getKey()) + ":" + e.getValue());
    return j.toString();
  }

  static void write(Path dir, String file, List<String> lines) throws IOException {
    Files.writeString(dir.resolve(file), "[\n" + String.join(",\n", lines) + "\n]\n");
  }

  static List<String> murmur() {
    Random r = new Random(11);
    List<String> out = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      byte[] b = new byte[i < 40 ? i : r.nextInt(200)];
      r.nextBytes(b);
      int h = Utils.murmur2(b);
      out.add("{\"hex\":" + q(HexFormat.of().formatHex(b)) + ",\"hash\":" + h + ",\"of12\":" + Utils.toPositive(h) % 12 + "}");
    }
    return out;
  }

  static Map<String, Integer> someTopics(Random r) {
    Map<String, Integer> topics = new HashMap<>();
    int n = 1 + r.nextInt(4);
    int same = r.nextBoolean() ? 1 + r.nextInt(9) : 0;
    for (int i = 0; i < n; i++) topics.put("topic-" + (char) ('a' + i), same > 0 ? same : 1 + r.nextInt(9));
    return topics;
  }

  static List<String> subscribed(Random r, Map<String, Integer> topics, boolean equal) {
    List<String> list = new ArrayList<>(new TreeSet<>(topics.keySet()));
    if (!equal) { list.removeIf(t -> r.nextInt(3) == 0); if (r.nextInt(8) == 0) list.add("topic-missing"); }
    return list;
  }

  static List<String> range() {
    Random r = new Random(12);
    List<String> out = new ArrayList<>();
    for (int i = 0; i < 150; i++) {
      Map<String, Integer> topics = someTopics(r);
      boolean equal = r.nextBoolean();
      Map<String, Subscription> subs = new HashMap<>();
      int n = 1 + r.nextInt(6);
      for (int m = 0; m < n; m++) {
        Subscription s = new Subscription(subscribed(r, topics, equal));
        if (r.nextInt(4) == 0) s.setGroupInstanceId(Optional.of("static-" + r.nextInt(100) + "-" + m));
        subs.put("member-" + Integer.toHexString(r.nextInt(1 << 20)) + "-" + m, s);
      }
      out.add("{\"partitions\":" + counts(topics) + ",\"members\":" + members(subs) + ",\"assignment\":"
          + assignment(new RangeAssignor().assign(topics, subs)) + "}");
    }
    return out;
  }

  static List<String> sticky() {
    Random r = new Random(13);
    List<String> out = new ArrayList<>();
    for (int i = 0; i < 120; i++) {
      Map<String, Integer> topics = someTopics(r);
      boolean equal = r.nextInt(3) > 0;
      Map<String, List<TopicPartition>> owned = new HashMap<>();
      Map<String, List<String>> topicsOf = new HashMap<>();
      List<String> ids = new ArrayList<>();
      int n = 1 + r.nextInt(6);
      for (int m = 0; m < n; m++) ids.add("m" + m);
      for (String id : ids) topicsOf.put(id, subscribed(r, topics, equal));
      for (int round = 0; round < 4; round++) {
        Map<String, Subscription> subs = new HashMap<>();
        for (String id : ids) {
          List<TopicPartition> mine = new ArrayList<>(owned.getOrDefault(id, List.of()));
          int generation = mine.isEmpty() ? -1 : round;
          if (round > 0 && r.nextInt(10) == 0 && !mine.isEmpty()) generation = round - 1;
          subs.put(id, new Subscription(topicsOf.get(id), null, mine, generation, Optional.empty()));
        }
        if (round > 0 && r.nextInt(6) == 0 && ids.size() > 1) {
          List<TopicPartition> stolen = new ArrayList<>(subs.get(ids.get(0)).ownedPartitions());
          stolen.addAll(subs.get(ids.get(1)).ownedPartitions());
          subs.put(ids.get(0), new Subscription(topicsOf.get(ids.get(0)), null, stolen, round, Optional.empty()));
        }
        Map<String, List<TopicPartition>> plain = new Plain().assign(topics, subs);
        Map<String, List<TopicPartition>> held = new CooperativeStickyAssignor().assign(topics, subs);
        out.add("{\"equal\":" + equal + ",\"partitions\":" + counts(topics) + ",\"members\":" + members(subs) + ",\"sticky\":" + assignment(plain)
            + ",\"cooperative\":" + assignment(held) + "}");
        owned = held;
        int change = r.nextInt(4);
        if (change == 0) { ids.add("m" + (n++)); topicsOf.put(ids.get(ids.size() - 1), subscribed(r, topics, equal)); }
        if (change == 1 && ids.size() > 1) ids.remove(r.nextInt(ids.size()));
        if (change == 2) topics.merge("topic-a", 1 + r.nextInt(3), Integer::sum);
      }
    }
    return out;
  }

  static String hex(ByteBuffer b) {
    byte[] bytes = new byte[b.remaining()];
    b.duplicate().get(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  static List<String> protocol() {
    List<String> out = new ArrayList<>();
    List<TopicPartition> owned = List.of(new TopicPartition("a", 0), new TopicPartition("a", 3), new TopicPartition("b", 1));
    for (short v = 0; v <= 3; v++)
      for (int n = 0; n < 3; n++) {
        Subscription s = new Subscription(List.of("a", "b", "é").subList(0, n), n == 1 ? ByteBuffer.wrap(new byte[] {0, 0, 0, 7}) : null,
            n == 2 ? owned : List.of(), n == 2 ? 5 : -1, n == 2 ? Optional.of("rack") : Optional.empty());
        Map<String, Subscription> one = Map.of("m", s);
        out.add("{\"kind\":\"subscription\",\"version\":" + v + ",\"member\":" + members(one) + ",\"hex\":"
            + q(hex(ConsumerProtocol.serializeSubscription(s, v))) + "}");
        Assignment a = new Assignment(n == 2 ? owned : List.of(), n == 1 ? ByteBuffer.wrap(new byte[] {1, 2}) : null);
        out.add("{\"kind\":\"assignment\",\"version\":" + v + ",\"partitions\":" + partitions(a.partitions()) + ",\"hex\":"
            + q(hex(ConsumerProtocol.serializeAssignment(a, v))) + "}");
      }
    CooperativeStickyAssignor c = new CooperativeStickyAssignor();
    out.add("{\"kind\":\"userData\",\"generation\":-1,\"hex\":" + q(hex(c.subscriptionUserData(Set.of("a")))) + "}");
    c.onAssignment(new Assignment(owned), new ConsumerGroupMetadata("g", 42, "m", Optional.empty()));
    out.add("{\"kind\":\"userData\",\"generation\":42,\"hex\":" + q(hex(c.subscriptionUserData(Set.of("a")))) + "}");
    return out;
  }

  public static void main(String[] args) throws IOException {
    Path dir = Path.of(args[0]);
    write(dir, "murmur2.json", murmur());
    write(dir, "range.json", range());
    write(dir, "sticky.json", sticky());
    write(dir, "consumer-protocol.json", protocol());
  }
}
