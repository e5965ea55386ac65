// Records what Kafka Connect's own KafkaStatusBackingStore makes of records of the status topic, and what it sends for each call, failed sends
// included. The log is in memory; no broker. Arguments: the file of cases, the folder to write into (npm run golden).
package org.apache.kafka.connect.storage;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.File;
import java.lang.reflect.Field;
import java.nio.charset.StandardCharsets;
import java.util.AbstractList;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.common.errors.NotLeaderOrFollowerException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.connect.json.JsonConverter;
import org.apache.kafka.connect.runtime.AbstractStatus;
import org.apache.kafka.connect.runtime.ConnectorStatus;
import org.apache.kafka.connect.runtime.TaskStatus;
import org.apache.kafka.connect.runtime.TopicStatus;
import org.apache.kafka.connect.util.ConnectorTaskId;
import org.apache.kafka.connect.util.KafkaBasedLog;

public class RecordStatusTopic {
    static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    record Sent(String key, byte[] value, Callback callback) { }

    static class Log extends KafkaBasedLog<String, byte[]> {
        final ArrayDeque<Sent> waiting = new ArrayDeque<>();
        final List<Object> sent = new ArrayList<>();
        Log() { super("statuses", Map.of(), Map.of(), () -> null, (error, record) -> { }, Time.SYSTEM, admin -> { }); }
        @Override public void send(String key, byte[] value) { send(key, value, (metadata, error) -> { }); }
        @Override public void send(String key, byte[] value, Callback callback) {
            waiting.add(new Sent(key, value, callback));
            sent.add(Arrays.asList(key, value == null ? null : new String(value, StandardCharsets.UTF_8)));
        }
    }

    /** Runs what it is given at once. */
    static class Direct extends AbstractExecutorService {
        public void execute(Runnable run) { run.run(); }
        public void shutdown() { }
        public List<Runnable> shutdownNow() { return List.of(); }
        public boolean isShutdown() { return false; }
        public boolean isTerminated() { return false; }
        public boolean awaitTermination(long timeout, TimeUnit unit) { return true; }
    }

    static String text(JsonNode node) { return node == null || node.isNull() ? null : node.asText(); }

    static ConnectorStatus connector(String name, JsonNode status) {
        return new ConnectorStatus(name, AbstractStatus.State.valueOf(text(status.get("state"))), text(status.get("trace")),
            text(status.get("workerId")), status.get("generation").asInt(), text(status.get("version")));
    }

    static TaskStatus task(String name, int task, JsonNode status) {
        return new TaskStatus(new ConnectorTaskId(name, task), AbstractStatus.State.valueOf(text(status.get("state"))),
            text(status.get("workerId")), status.get("generation").asInt(), text(status.get("trace")), text(status.get("version")));
    }

    static Object shown(AbstractStatus<?> status) {
        if (status == null) return null;
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("state", status.state().toString());
        out.put("workerId", status.workerId());
        out.put("trace", status.trace());
        out.put("version", status.version());
        out.put("generation", status.generation());
        return out;
    }

    static Object view(KafkaStatusBackingStore store, JsonNode names) {
        Map<String, Object> out = new LinkedHashMap<>();
        for (JsonNode node : names) {
            String name = node.asText();
            Map<Integer, Object> tasks = new TreeMap<>();
            for (TaskStatus status : store.getAll(name)) tasks.put(status.id().task(), shown(status));
            TreeMap<String, Object> topics = new TreeMap<>();
            for (TopicStatus status : store.getAllTopics(name))
                topics.put(status.topic(), List.of(status.connector(), status.task(), status.discoverTimestamp()));
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("connector", shown(store.get(name)));
            one.put("tasks", tasks);
            one.put("topics", topics);
            out.put(name, one);
        }
        return out;
    }

    static void step(KafkaStatusBackingStore store, Log log, JsonNode step) {
        String what = step.get(0).asText();
        String name = step.has(1) ? step.get(1).asText() : null;
        switch (what) {
            case "read" -> read(store, name, step.get(2).isNull() ? null : step.get(2).asText().getBytes(StandardCharsets.UTF_8));
            case "ack" -> {
                Sent sent = log.waiting.remove();
                sent.callback.onCompletion(null, null);
                read(store, sent.key, sent.value);
            }
            case "failRetriably" -> log.waiting.remove().callback.onCompletion(null, new NotLeaderOrFollowerException("moved"));
            case "fail" -> log.waiting.remove().callback.onCompletion(null, new RecordTooLargeException("large"));
            case "putConnector" -> store.put(connector(name, step.get(2)));
            case "putConnectorSafely" -> store.putSafe(connector(name, step.get(2)));
            case "putTask" -> store.put(task(name, step.get(2).asInt(), step.get(3)));
            case "putTaskSafely" -> store.putSafe(task(name, step.get(2).asInt(), step.get(3)));
            case "removeTask" -> store.put(new TaskStatus(new ConnectorTaskId(name, step.get(2).asInt()), AbstractStatus.State.DESTROYED, "w", step.get(3).asInt()));
            case "removeConnector" -> store.put(new ConnectorStatus(name, AbstractStatus.State.DESTROYED, "w", step.get(2).asInt()));
            case "putTopic" -> store.put(new TopicStatus(step.get(2).asText(), new ConnectorTaskId(name, step.get(3).asInt()), step.get(4).asLong()));
            case "resetTopic" -> store.deleteTopic(name, step.get(2).asText());
            default -> throw new IllegalArgumentException(step.toString());
        }
    }

    static void read(KafkaStatusBackingStore store, String key, byte[] value) {
        store.read(new ConsumerRecord<>("statuses", 0, 0, key, value));
    }

    public static void main(String[] args) throws Exception {
        JsonNode cases = JSON.readTree(new File(args[0]));
        Map<String, Object> out = new LinkedHashMap<>();
        for (JsonNode scenario : cases) {
            JsonConverter converter = new JsonConverter();
            converter.configure(Map.of("schemas.enable", "false"), false);
            Log log = new Log();
            KafkaStatusBackingStore store = new KafkaStatusBackingStore(Time.SYSTEM, converter, "statuses", () -> null, log);
            Field executor = KafkaStatusBackingStore.class.getDeclaredField("sendRetryExecutor");
            executor.setAccessible(true);
            executor.set(store, new Direct());
            List<Object> after = new ArrayList<>();
            for (JsonNode step : scenario.get("steps")) {
                Map<String, Object> one = new LinkedHashMap<>();
                try {
                    step(store, log, step);
                } catch (Exception error) {
                    one.put("throws", error.getClass().getSimpleName());
                }
                one.put("sent", new ArrayList<>(log.sent));
                one.put("waiting", log.waiting.size());
                one.put("view", view(store, scenario.get("names")));
                log.sent.clear();
                after.add(one);
            }
            out.put(scenario.get("name").asText(), after);
        }
        JSON.writeValue(new File(args[1], "status-topic.json"), out);
        System.exit(0);
    }
}
