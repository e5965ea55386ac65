// The group protocol of Java's own workers: bytes of metadata and assignments, and what its assignors answer in a history of rounds.
//   Assignments <cases.json> <folder>   npm run golden: protocol.json and rounds.json
//   Assignments                         npm run test:oracle -- assignor: one history a line in, its answers a line out
// A history is {"maxDelay", "rounds": [{"now", "leader", "lead", "last", "generation", "protocol", "offset", "fresh", "configured": {name: tasks},
// "members": [[id, hex of metadata]]}]}; `lead` names the worker that leads (it keeps its memory over rounds and member ids).
// In the package of the assignors, some of whose members are not public. The coordinator that they ask is an object without a constructor
// call: only the methods below are called.
package org.apache.kafka.connect.runtime.distributed;

import com.fasterxml.jackson.databind.*;
import com.fasterxml.jackson.databind.node.*;
import java.io.*;
import java.lang.reflect.Field;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.*;
import java.util.*;
import org.apache.kafka.common.message.JoinGroupResponseData.JoinGroupResponseMember;
import org.apache.kafka.common.utils.*;
import org.apache.kafka.connect.storage.ClusterConfigState;
import org.apache.kafka.connect.util.ConnectorTaskId;

public class Assignments {
  static final ObjectMapper JSON = new ObjectMapper();
  static final JsonNodeFactory N = JsonNodeFactory.instance;

  public static void main(String[] args) throws Exception {
    if (args.length == 2) {
      Path folder = Paths.get(args[1]);
      JsonNode cases = JSON.readTree(new File(args[0]));
      write(folder.resolve("protocol.json"), protocol(cases.get("protocol")));
      ArrayNode histories = N.arrayNode();
      for (JsonNode history : cases.get("rounds")) histories.addObject().<ObjectNode>set("history", history).set("answers", answers(history));
      write(folder.resolve("rounds.json"), histories);
      return;
    }
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8), 1 << 16);
    Writer out = new BufferedWriter(new OutputStreamWriter(System.out, StandardCharsets.UTF_8), 1 << 16);
    for (String line; (line = in.readLine()) != null; ) {
      out.write(JSON.writeValueAsString(answers(JSON.readTree(line))));
      out.write('\n');
      out.flush();
    }
  }

  static void write(Path file, Iterable<JsonNode> lines) throws IOException {
    List<String> texts = new ArrayList<>();
    for (JsonNode line : lines) texts.add(JSON.writeValueAsString(line));
    Files.writeString(file, "[\n" + String.join(",\n", texts) + "\n]\n");
  }

  static String hex(ByteBuffer bytes) {
    if (bytes == null) return null;
    byte[] copy = new byte[bytes.remaining()];
    bytes.duplicate().get(copy);
    return HexFormat.of().formatHex(copy);
  }

  // ---- bytes

  static ArrayNode protocol(JsonNode cases) {
    ArrayNode result = N.arrayNode();
    for (JsonNode c : cases) {
      ObjectNode one = result.addObject();
      one.set("protocol", c.get("protocol"));
      if (c.has("hex")) {
        one.set("hex", c.get("hex"));
        try {
          one.set("assignment", fields(IncrementalCooperativeConnectProtocol.deserializeAssignment(ByteBuffer.wrap(HexFormat.of().parseHex(c.get("hex").asText())))));
        } catch (RuntimeException e) {
          one.putNull("assignment");
        }
        continue;
      }
      boolean sessioned = c.get("protocol").asText().equals("sessioned");
      boolean eager = c.get("protocol").asText().equals("default");
      ExtendedAssignment assignment = c.get("assignment").isNull() ? null : assignment(c.get("assignment"), eager ? 0 : sessioned ? 2 : 1);
      if (c.has("url")) {
        ExtendedWorkerState state = new ExtendedWorkerState(c.get("url").asText(), c.get("configOffset").asLong(), assignment);
        ByteBuffer bytes = eager ? ConnectProtocol.serializeMetadata(state) : IncrementalCooperativeConnectProtocol.serializeMetadata(state, sessioned);
        one.put("hex", hex(bytes));
        ExtendedWorkerState read = IncrementalCooperativeConnectProtocol.deserializeMetadata(bytes);
        ObjectNode metadata = one.putObject("metadata").put("url", read.url()).put("configOffset", read.offset());
        metadata.set("allocation", fields(read.assignment()));
      } else {
        ByteBuffer bytes = eager ? ConnectProtocol.serializeAssignment(assignment) : IncrementalCooperativeConnectProtocol.serializeAssignment(assignment, sessioned);
        one.put("hex", hex(bytes));
        one.set("assignment", fields(IncrementalCooperativeConnectProtocol.deserializeAssignment(bytes)));
      }
    }
    return result;
  }

  static List<String> connectors(JsonNode work) {
    List<String> list = new ArrayList<>();
    for (JsonNode name : work.get("connectors")) list.add(name.asText());
    return list;
  }

  static List<ConnectorTaskId> tasks(JsonNode work) {
    List<ConnectorTaskId> list = new ArrayList<>();
    for (JsonNode id : work.get("tasks")) list.add(new ConnectorTaskId(id.get("connector").asText(), id.get("task").asInt()));
    return list;
  }

  static ExtendedAssignment assignment(JsonNode a, int version) {
    return new ExtendedAssignment((short) version, (short) a.get("error").asInt(), a.get("leaderId").asText(), a.get("leaderUrl").asText(),
        a.get("configOffset").asLong(), connectors(a.get("assigned")), tasks(a.get("assigned")), connectors(a.get("revoked")),
        tasks(a.get("revoked")), a.get("delayMs").asInt());
  }

  static JsonNode work(Collection<String> connectors, Collection<ConnectorTaskId> tasks) {
    ObjectNode work = N.objectNode();
    ArrayNode names = work.putArray("connectors");
    connectors.forEach(names::add);
    ArrayNode ids = work.putArray("tasks");
    tasks.forEach(id -> ids.addObject().put("connector", id.connector()).put("task", id.task()));
    return work;
  }

  static JsonNode fields(ExtendedAssignment a) {
    // Java puts an empty assignment, without a leader, where a member sent none.
    if (a == null || a.leader() == null) return N.nullNode();
    ObjectNode node = N.objectNode();
    node.put("version", a.version()).put("error", a.error()).put("leaderId", a.leader()).put("leaderUrl", a.leaderUrl()).put("configOffset", a.offset());
    node.set("assigned", work(a.connectors(), a.tasks()));
    node.set("revoked", work(a.revokedConnectors(), a.revokedTasks()));
    return node.put("delayMs", a.delay());
  }

  // ---- rounds

  static long nowMs;

  static Time clock() {
    return (Time) Proxy.newProxyInstance(Time.class.getClassLoader(), new Class<?>[] {Time.class}, (proxy, method, args) -> {
      if (method.getName().equals("milliseconds")) return nowMs;
      throw new UnsupportedOperationException(method.getName());
    });
  }

  static class Coordinator extends WorkerCoordinator {
    ClusterConfigState config;
    ClusterConfigState fresh;
    int last;
    int generation;
    LeaderState state;

    Coordinator() {
      super(null, null, null, null, null, null, null, null, null, null, 0);
    }

    @Override public ClusterConfigState configSnapshot() { return config; }
    @Override public ClusterConfigState configFreshSnapshot() { return fresh; }
    @Override public void configSnapshot(ClusterConfigState update) { config = update; }
    @Override public int lastCompletedGenerationId() { return last; }
    @Override public int generationId() { return generation; }
    @Override public String memberId() { return ""; }
    @Override public void leaderState(LeaderState update) { state = update; }
  }

  static Coordinator coordinator() {
    try {
      Field f = sun.misc.Unsafe.class.getDeclaredField("theUnsafe");
      f.setAccessible(true);
      return (Coordinator) ((sun.misc.Unsafe) f.get(null)).allocateInstance(Coordinator.class);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  static ClusterConfigState config(long offset, JsonNode configured) {
    Map<String, Integer> counts = new HashMap<>();
    Map<String, Map<String, String>> configs = new HashMap<>();
    configured.fields().forEachRemaining(e -> {
      counts.put(e.getKey(), e.getValue().asInt());
      configs.put(e.getKey(), Map.of());
    });
    return new ClusterConfigState(offset, null, counts, configs, Map.of(), Map.of(), Map.of(), Map.of(), Map.of(), Set.of(), Set.of());
  }

  static ArrayNode answers(JsonNode history) {
    LogContext log = new LogContext();
    Map<String, ConnectAssignor> leaders = new HashMap<>();
    ConnectAssignor eager = new EagerAssignor(log);
    ArrayNode answers = N.arrayNode();
    for (JsonNode round : history.get("rounds")) {
      nowMs = round.get("now").asLong();
      ConnectAssignor cooperative = leaders.computeIfAbsent(round.get("lead").asText(),
          lead -> new IncrementalCooperativeAssignor(log, clock(), history.get("maxDelay").asInt()));
      Coordinator coordinator = coordinator();
      coordinator.config = config(round.get("offset").asLong(), round.get("configured"));
      coordinator.fresh = config(round.get("fresh").asLong(), round.get("configured"));
      coordinator.last = round.get("last").asInt();
      coordinator.generation = round.get("generation").asInt();
      List<JoinGroupResponseMember> members = new ArrayList<>();
      for (JsonNode member : round.get("members"))
        members.add(new JoinGroupResponseMember().setMemberId(member.get(0).asText()).setMetadata(HexFormat.of().parseHex(member.get(1).asText())));
      ConnectProtocolCompatibility protocol = ConnectProtocolCompatibility.fromProtocol(round.get("protocol").asText());
      ConnectAssignor assignor = protocol == ConnectProtocolCompatibility.EAGER ? eager : cooperative;
      Map<String, ByteBuffer> shares = assignor.performAssignment(round.get("leader").asText(), protocol, members, coordinator);
      ObjectNode answer = answers.addObject();
      ObjectNode assignments = answer.putObject("assignments");
      new TreeMap<>(shares).forEach((id, bytes) -> assignments.put(id, hex(bytes)));
      answer.set("owners", owners(coordinator.state));
    }
    return answers;
  }

  /** connector or task -> url, "" where there is no state after a mismatch */
  static ObjectNode owners(WorkerCoordinator.LeaderState state) {
    ObjectNode result = N.objectNode();
    if (state == null) return result;
    Map<String, ExtendedWorkerState> members = field(state, "allMembers");
    Map<String, String> owners = new TreeMap<>();
    Map<String, String> connectors = field(state, "connectorOwners");
    connectors.forEach((name, id) -> owners.put("connector " + name, members.get(id).url()));
    Map<ConnectorTaskId, String> tasks = field(state, "taskOwners");
    tasks.forEach((task, id) -> owners.put("task " + task, members.get(id).url()));
    owners.forEach(result::put);
    return result;
  }

  @SuppressWarnings("unchecked")
  static <T> T field(Object object, String name) {
    try {
      Field field = object.getClass().getDeclaredField(name);
      field.setAccessible(true);
      return (T) field.get(object);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }
}
