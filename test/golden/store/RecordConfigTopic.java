// Records what Kafka Connect's own KafkaConfigBackingStore makes of records of the config topic (its state and what it tells its listener, after
// each), and which records it writes for each call, plainly and in transactions. The log is in memory; no broker.
// Arguments: the file of cases, the folder to write into (npm run golden).
package org.apache.kafka.connect.storage;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.File;
import java.lang.reflect.Field;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import javax.crypto.spec.SecretKeySpec;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.connect.json.JsonConverter;
import org.apache.kafka.connect.runtime.RestartRequest;
import org.apache.kafka.connect.runtime.SessionKey;
import org.apache.kafka.connect.runtime.TargetState;
import org.apache.kafka.connect.runtime.WorkerConfig;
import org.apache.kafka.connect.runtime.distributed.DistributedConfig;
import org.apache.kafka.connect.util.Callback;
import org.apache.kafka.connect.util.ConnectorTaskId;
import org.apache.kafka.connect.util.KafkaBasedLog;

public class RecordConfigTopic {
    static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
    static final String TOPIC = "configs";

    /** A log in memory: what is sent is read at the next readToEnd. */
    static class MemoryLog extends KafkaBasedLog<String, byte[]> {
        final List<List<String>> steps = new ArrayList<>();
        final Callback<ConsumerRecord<String, byte[]>> callback;
        final List<ConsumerRecord<String, byte[]>> unread = new ArrayList<>();
        long offset = 0;

        MemoryLog(Callback<ConsumerRecord<String, byte[]>> callback) {
            super(TOPIC, Map.of(), Map.of(), () -> null, callback, Time.SYSTEM, admin -> { });
            this.callback = callback;
        }
        void add(String key, byte[] value) { unread.add(new ConsumerRecord<>(TOPIC, 0, offset++, key, value)); }
        void read() {
            List<ConsumerRecord<String, byte[]>> records = new ArrayList<>(unread);
            unread.clear();
            for (ConsumerRecord<String, byte[]> record : records) callback.onCompletion(null, record);
        }
        @Override public void start() { read(); }
        @Override public void start(boolean reportErrorsToCallback) { read(); }
        @Override public void stop() { }
        @Override public int partitionCount() { return 1; }
        @Override public Future<Void> readToEnd() {
            steps.add(List.of("readToEnd"));
            read();
            return CompletableFuture.completedFuture(null);
        }
        @Override public Future<RecordMetadata> sendWithReceipt(String key, byte[] value) {
            steps.add(step(key, value));
            add(key, value);
            return CompletableFuture.completedFuture(new RecordMetadata(new TopicPartition(TOPIC, 0), offset, 0, 0, 0, 0));
        }
        @Override public void send(String key, byte[] value) { sendWithReceipt(key, value); }
    }

    static List<String> step(String key, byte[] value) {
        List<String> step = new ArrayList<>(List.of("send", key));
        step.add(value == null ? null : new String(value, StandardCharsets.UTF_8));
        return step;
    }

    static class Listener implements ConfigBackingStore.UpdateListener {
        List<List<Object>> told = new ArrayList<>();
        public void onConnectorConfigRemove(String connector) { told.add(List.of("connectorRemoved", connector)); }
        public void onConnectorConfigUpdate(String connector) { told.add(List.of("connectorChanged", connector)); }
        public void onTaskConfigUpdate(Collection<ConnectorTaskId> tasks) {
            told.add(List.of("tasksChanged", new TreeSet<>(tasks.stream().map(ConnectorTaskId::toString).toList())));
        }
        public void onConnectorTargetStateChange(String connector) { told.add(List.of("targetChanged", connector)); }
        public void onSessionKeyUpdate(SessionKey key) { told.add(List.of("sessionKeyChanged", Base64.getEncoder().encodeToString(key.key().getEncoded()))); }
        public void onRestartRequest(RestartRequest request) {
            told.add(List.of("restartRequested", request.connectorName(), request.includeTasks(), request.onlyFailed()));
        }
        public void onLoggingLevelUpdate(String namespace, String level) { told.add(List.of("loggerLevelChanged", namespace, level)); }
    }

    static class Store {
        final KafkaConfigBackingStore store;
        final MemoryLog log;
        final Listener listener = new Listener();

        @SuppressWarnings("unchecked")
        Store(boolean isTransactional) throws Exception {
            Map<String, String> props = new LinkedHashMap<>();
            props.put("bootstrap.servers", "localhost:1");
            props.put("group.id", "cluster");
            props.put("config.storage.topic", TOPIC);
            props.put("offset.storage.topic", "offsets");
            props.put("status.storage.topic", "statuses");
            props.put("key.converter", "org.apache.kafka.connect.json.JsonConverter");
            props.put("value.converter", "org.apache.kafka.connect.json.JsonConverter");
            props.put("exactly.once.source.support", isTransactional ? "enabled" : "disabled");
            JsonConverter converter = new JsonConverter();
            converter.configure(Map.of("schemas.enable", "false"), false);
            DistributedConfig config = new DistributedConfig(props);
            // there is no broker to ask
            field(WorkerConfig.class, "kafkaClusterId").set(config, "id");
            store = new KafkaConfigBackingStore(converter, config, null, () -> null, "client");
            Object made = field(KafkaConfigBackingStore.class, "configLog").get(store);
            log = new MemoryLog((Callback<ConsumerRecord<String, byte[]>>) field(KafkaBasedLog.class, "consumedCallback").get(made));
            store.setConfigLog(log);
            store.setUpdateListener(listener);
            if (isTransactional) field(KafkaConfigBackingStore.class, "fencableProducer").set(store, transactional(log));
        }

        static Field field(Class<?> type, String name) throws Exception {
            Field field = type.getDeclaredField(name);
            field.setAccessible(true);
            return field;
        }
    }

    static MockProducer<String, byte[]> transactional(MemoryLog log) {
        MockProducer<String, byte[]> producer = new MockProducer<>(true, null, new StringSerializer(), new ByteArraySerializer()) {
            @Override public void beginTransaction() { log.steps.add(List.of("begin")); super.beginTransaction(); }
            @Override public void commitTransaction() { super.commitTransaction(); log.steps.add(List.of("commit")); }
            @Override public synchronized Future<RecordMetadata> send(ProducerRecord<String, byte[]> record) {
                log.steps.add(step(record.key(), record.value()));
                log.add(record.key(), record.value());
                return super.send(record, null);
            }
        };
        producer.initTransactions();
        return producer;
    }

    static Object state(Store store, JsonNode names) {
        ClusterConfigState state = store.store.snapshot();
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("offset", state.offset());
        out.put("sessionKey", state.sessionKey() == null ? null
            : List.of(Base64.getEncoder().encodeToString(state.sessionKey().key().getEncoded()), state.sessionKey().key().getAlgorithm(), state.sessionKey().creationTimestamp()));
        out.put("names", new TreeSet<>(state.connectors()));
        Map<String, Object> connectors = new TreeMap<>();
        for (JsonNode node : names) {
            String name = node.asText();
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("config", state.rawConnectorConfig(name));
            one.put("target", state.targetState(name));
            List<Object> tasks = new ArrayList<>();
            for (ConnectorTaskId task : state.tasks(name)) tasks.add(state.rawTaskConfig(task));
            one.put("tasks", tasks);
            one.put("isInconsistent", state.inconsistentConnectors().contains(name));
            one.put("taskGeneration", state.taskConfigGeneration(name));
            one.put("appliedConfig", state.appliedConnectorConfig(name));
            one.put("pendingFencing", state.pendingFencing(name));
            one.put("taskCountRecord", state.taskCountRecord(name));
            connectors.put(name, one);
        }
        out.put("connectors", connectors);
        return out;
    }

    static byte[] bytes(JsonNode value) throws Exception {
        if (value.isNull()) return null;
        return value.isObject() ? value.get("base64").binaryValue() : value.asText().getBytes(StandardCharsets.UTF_8);
    }

    static Object read(JsonNode scenario) throws Exception {
        Store store = new Store(false);
        List<Object> after = new ArrayList<>();
        int before = scenario.get("recordsBeforeStart").asInt();
        int read = 0;
        for (JsonNode record : scenario.get("records")) {
            JsonNode value = record.get(1);
            store.log.add(record.get(0).asText(), bytes(value));
            if (++read < before) continue;
            Map<String, Object> one = new LinkedHashMap<>();
            try {
                if (read == before) store.store.start();
                else store.log.read();
            } catch (Exception error) {
                one.put("throws", error.getClass().getSimpleName());
            }
            one.put("state", state(store, scenario.get("names")));
            one.put("told", store.listener.told);
            store.listener.told = new ArrayList<>();
            after.add(one);
        }
        return after;
    }

    static Map<String, String> props(JsonNode node) {
        Map<String, String> props = new LinkedHashMap<>();
        node.fields().forEachRemaining(field -> props.put(field.getKey(), field.getValue().asText()));
        return props;
    }

    static void call(KafkaConfigBackingStore store, JsonNode call) {
        JsonNode second = call.get(1);
        String connector = second.asText();
        switch (call.get(0).asText()) {
            case "putConfig" -> store.putConnectorConfig(connector, props(call.get(2)), call.has(3) ? TargetState.valueOf(call.get(3).asText()) : null);
            case "putTarget" -> store.putTargetState(connector, TargetState.valueOf(call.get(2).asText()));
            case "putTasks" -> {
                List<Map<String, String>> tasks = new ArrayList<>();
                call.get(2).forEach(task -> tasks.add(props(task)));
                store.putTaskConfigs(connector, tasks);
            }
            case "remove" -> store.removeConnectorConfig(connector);
            case "putTaskCount" -> store.putTaskCountRecord(connector, call.get(2).asInt());
            case "putSessionKey" -> store.putSessionKey(new SessionKey(
                new SecretKeySpec(Base64.getDecoder().decode(second.get("key").asText()), second.get("algorithm").asText()), second.get("createdAtMs").asLong()));
            case "putRestart" -> store.putRestartRequest(
                new RestartRequest(connector, call.get(2).get("onlyFailed").asBoolean(), call.get(2).get("includeTasks").asBoolean()));
            case "putLoggerLevel" -> store.putLoggerLevel(connector, call.get(2).asText());
            default -> throw new IllegalArgumentException(call.toString());
        }
    }

    static Object write(JsonNode calls, boolean isTransactional) throws Exception {
        Store store = new Store(isTransactional);
        store.store.start();
        List<Object> written = new ArrayList<>();
        for (JsonNode call : calls) {
            store.log.steps.clear();
            call(store.store, call);
            written.add(new ArrayList<>(store.log.steps));
        }
        return written;
    }

    public static void main(String[] args) throws Exception {
        JsonNode cases = JSON.readTree(new File(args[0]));
        Map<String, Object> out = new LinkedHashMap<>();
        Map<String, Object> reads = new LinkedHashMap<>();
        for (JsonNode scenario : cases.get("scenarios")) reads.put(scenario.get("name").asText(), read(scenario));
        out.put("read", reads);
        out.put("plain", write(cases.get("calls"), false));
        out.put("transactional", write(cases.get("calls"), true));
        JSON.writeValue(new File(args[1], "config-topic.json"), out);
        System.exit(0);
    }
}
