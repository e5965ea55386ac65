// Records what Java Connect 4.3.0 makes of the inputs in args[0] (cases.ts), into recorded.json in the folder args[1].
import com.fasterxml.jackson.databind.*;
import com.fasterxml.jackson.databind.node.*;
import java.io.*;
import java.lang.reflect.*;
import java.nio.charset.StandardCharsets;
import java.nio.file.*;
import java.util.*;
import java.util.concurrent.*;
import org.apache.kafka.common.config.*;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.connect.data.*;
import org.apache.kafka.connect.runtime.*;
import org.apache.kafka.connect.runtime.distributed.*;
import org.apache.kafka.connect.runtime.isolation.Plugins;
import org.apache.kafka.connect.runtime.rest.entities.ConfigInfos;
import org.apache.kafka.connect.runtime.standalone.*;
import org.apache.kafka.connect.storage.*;

public class Recorder {
    static final ObjectMapper JSON = new ObjectMapper();

    /** What repeats from case to case stands once, and is named by its place in this list. */
    static class Pool {
        final ArrayNode list = JSON.createArrayNode();
        final Map<JsonNode, Integer> places = new HashMap<>();

        int placeOf(JsonNode node) {
            return places.computeIfAbsent(node, n -> {
                list.add(n);
                return list.size() - 1;
            });
        }
    }

    static final Pool definitions = new Pool();
    static final Pool recommended = new Pool();
    static final Pool configs = new Pool();

    public static void main(String[] args) throws Exception {
        JsonNode cases = JSON.readTree(new File(args[0]));
        ObjectNode out = JSON.createObjectNode();
        out.set("parseType", parseType(cases.get("parseType")));
        out.set("checks", checks(cases.get("checks")));
        out.set("properties", properties(cases.get("properties")));
        out.set("plugins", plugins(cases.get("plugins")));
        out.set("standalone", keys(configOf(StandaloneConfig.class)));
        out.set("distributed", keys(configOf(DistributedConfig.class)));
        out.set("producer", keys(org.apache.kafka.clients.producer.ProducerConfig.configDef()));
        out.set("consumer", keys(org.apache.kafka.clients.consumer.ConsumerConfig.configDef()));
        out.set("admin", keys(org.apache.kafka.clients.admin.AdminClientConfig.configDef()));
        out.set("source", keys(SourceConnectorConfig.configDef()));
        out.set("sink", keys(SinkConnectorConfig.configDef()));
        out.set("texts", cases.get("probes"));
        ObjectNode probes = out.putObject("probes");
        probes.set("standalone", probes(configOf(StandaloneConfig.class), cases.get("probes")));
        probes.set("distributed", probes(configOf(DistributedConfig.class), cases.get("probes")));
        probes.set("source", probes(SourceConnectorConfig.configDef(), cases.get("probes")));
        probes.set("sink", probes(SinkConnectorConfig.configDef(), cases.get("probes")));
        out.set("providers", providers(cases.get("providers")));
        out.set("validate", validate(cases.get("workers"), cases.get("validate")));
        out.set("configs", configs.list);
        out.set("definitions", definitions.list);
        out.set("recommended", recommended.list);
        try (PrintWriter file = new PrintWriter(new File(args[1], "recorded.json"), StandardCharsets.UTF_8)) {
            // one line a case, so that a new recording can be compared with the old one
            file.print("{");
            String comma = "\n";
            for (Iterator<Map.Entry<String, JsonNode>> parts = out.fields(); parts.hasNext(); comma = ",\n") {
                Map.Entry<String, JsonNode> part = parts.next();
                file.print(comma + JSON.writeValueAsString(part.getKey()) + ":");
                if (!part.getValue().isArray()) {
                    file.print(JSON.writeValueAsString(part.getValue()));
                    continue;
                }
                String separator = "[\n  ";
                for (JsonNode one : part.getValue()) {
                    file.print(separator + JSON.writeValueAsString(one));
                    separator = ",\n  ";
                }
                file.print("]");
            }
            file.print("\n}\n");
        }
        System.exit(0);
    }

    static JsonNode show(Object value) {
        if (value instanceof Class<?> c) return TextNode.valueOf(c.getName());
        if (value instanceof org.apache.kafka.common.config.types.Password p) return TextNode.valueOf(p.value());
        if (value instanceof Double d) return TextNode.valueOf(d.toString());
        if (value instanceof Long l) return TextNode.valueOf(l.toString());
        return JSON.valueToTree(value);
    }

    static ArrayNode parseType(JsonNode cases) {
        ArrayNode out = JSON.createArrayNode();
        for (JsonNode c : cases) {
            ConfigDef.Type type = ConfigDef.Type.valueOf(c.get(0).asText());
            ObjectNode one = out.addObject();
            one.set("case", c);
            try {
                Object value = ConfigDef.parseType("the.key", c.get(1).asText(), type);
                one.set("value", show(value));
                one.put("text", ConfigDef.convertToString(value, type));
            } catch (ConfigException e) {
                one.put("error", e.getMessage());
            }
        }
        return out;
    }

    static ConfigDef.Validator validator(String name, JsonNode args) {
        String[] texts = new String[args.size()];
        for (int i = 0; i < texts.length; i++) texts[i] = args.get(i).asText();
        return switch (name) {
            case "atLeast" -> ConfigDef.Range.atLeast(args.get(0).asInt());
            case "between" -> ConfigDef.Range.between(args.get(0).asInt(), args.get(1).asInt());
            case "oneOf" -> ConfigDef.ValidString.in(texts);
            case "oneOfIgnoringCase" -> ConfigDef.CaseInsensitiveValidString.in(texts);
            case "nonEmpty" -> new ConfigDef.NonEmptyString();
            case "plainName" -> ConfigDef.NonEmptyStringWithoutControlChars.nonEmptyStringWithoutControlChars();
            case "listWithoutDuplicates" -> ConfigDef.ValidList.anyNonDuplicateValues(true, false);
            default -> throw new IllegalArgumentException(name);
        };
    }

    // Each case: type, validator, its arguments, text (null: the key is missing).
    static ArrayNode checks(JsonNode cases) {
        ArrayNode out = JSON.createArrayNode();
        for (JsonNode c : cases) {
            ConfigDef def = new ConfigDef().define("the.key", ConfigDef.Type.valueOf(c.get(0).asText()), ConfigDef.NO_DEFAULT_VALUE,
                validator(c.get(1).asText(), c.get(2)), ConfigDef.Importance.HIGH, "");
            Map<String, String> props = c.get(3).isNull() ? Map.of() : Map.of("the.key", c.get(3).asText());
            ObjectNode one = out.addObject();
            one.set("case", c);
            one.set("errors", JSON.valueToTree(def.validate(props).get(0).errorMessages()));
            try {
                def.parse(props);
                one.putNull("thrown");
            } catch (ConfigException e) {
                one.put("thrown", e.getMessage());
            }
        }
        return out;
    }

    static ArrayNode properties(JsonNode cases) throws IOException {
        ArrayNode out = JSON.createArrayNode();
        for (JsonNode c : cases) {
            ObjectNode one = out.addObject();
            one.set("case", c);
            Properties props = new Properties();
            try {
                props.load(new StringReader(c.asText()));
                ObjectNode map = one.putObject("props");
                for (String name : new TreeSet<>(props.stringPropertyNames())) map.put(name, props.getProperty(name));
            } catch (IllegalArgumentException e) {
                one.put("error", e.getMessage());
            }
        }
        return out;
    }

    static ArrayNode keys(ConfigDef def) {
        ArrayNode out = JSON.createArrayNode();
        for (ConfigDef.ConfigKey key : def.configKeys().values()) {
            ObjectNode info = JSON.valueToTree(AbstractHerder.convertConfigKey(key));
            info.remove("documentation");
            out.add(info);
        }
        return out;
    }

    /** What each key says to each text; keys and texts without an error are left out. */
    static ObjectNode probes(ConfigDef def, JsonNode texts) {
        ObjectNode out = JSON.createObjectNode();
        for (String key : new TreeSet<>(def.configKeys().keySet())) {
            // whether there is a class is another question
            if (def.configKeys().get(key).type() == ConfigDef.Type.CLASS) continue;
            ObjectNode errors = JSON.createObjectNode();
            ConfigDef alone = new ConfigDef().define(def.configKeys().get(key));
            for (JsonNode text : texts) {
                try {
                    List<String> messages = alone.validateAll(Map.of(key, text.asText())).get(key).errorMessages();
                    if (!messages.isEmpty()) errors.set(text.asText(), JSON.valueToTree(messages));
                } catch (NullPointerException e) {
                    // some validators of Java do not take the null that a malformed value leaves behind
                    errors.putNull(text.asText());
                }
            }
            if (!errors.isEmpty()) out.set(key, errors);
        }
        return out;
    }

    static ObjectNode plugins(JsonNode names) throws Exception {
        ObjectNode out = JSON.createObjectNode();
        for (JsonNode name : names) {
            Object plugin = Class.forName(name.asText()).getDeclaredConstructor().newInstance();
            Method config = plugin.getClass().getMethod("config");
            config.setAccessible(true);
            out.set(name.asText(), keys((ConfigDef) config.invoke(plugin)));
        }
        return out;
    }

    static ConfigDef configOf(Class<?> config) throws Exception {
        for (java.lang.reflect.Field field : config.getDeclaredFields()) {
            if (field.getType() == ConfigDef.class && Modifier.isStatic(field.getModifiers())) {
                field.setAccessible(true);
                return (ConfigDef) field.get(null);
            }
        }
        Method method = config.getDeclaredMethod("config", org.apache.kafka.connect.runtime.distributed.Crypto.class);
        method.setAccessible(true);
        return (ConfigDef) method.invoke(null, org.apache.kafka.connect.runtime.distributed.Crypto.SYSTEM);
    }

    // --- config providers

    /** Each case: params of the provider, its class, a text with variables of the provider "p". FOLDER stands for the folder of the files. */
    static ArrayNode providers(JsonNode cases) throws Exception {
        Path folder = Files.createTempDirectory("sluice-providers");
        for (Map.Entry<String, String> file : map(cases.get("files")).entrySet()) {
            Path path = folder.resolve(file.getKey());
            Files.createDirectories(path.getParent());
            Files.writeString(path, file.getValue());
        }
        ArrayNode out = JSON.createArrayNode();
        for (JsonNode c : cases.get("cases")) {
            ObjectNode one = out.addObject();
            one.set("case", c);
            try {
                Class<?> type = Class.forName("org.apache.kafka.common.config.provider." + c.get("class").asText());
                Map<String, String> params = map(c.get("params"));
                params.replaceAll((key, value) -> value.replace("FOLDER", folder.toString()));
                var provider = (org.apache.kafka.common.config.provider.ConfigProvider) type.getDeclaredConstructor().newInstance();
                provider.configure(params);
                String text = c.get("text").asText().replace("FOLDER", folder.toString());
                String value = new ConfigTransformer(Map.of("p", provider)).transform(Map.of("key", text)).data().get("key");
                one.put("value", value.replace(folder.toString(), "FOLDER"));
            } catch (ConfigException | java.util.regex.PatternSyntaxException e) {
                one.put("error", e.getMessage().replace(folder.toString(), "FOLDER"));
            }
        }
        return out;
    }

    // --- validation

    /** Converters that cannot be had, or say little: what ConnectorValidationIntegrationTest tries. */
    public static class Plain implements Converter, HeaderConverter {
        @Override public ConfigDef config() { return new ConfigDef().define("prop", ConfigDef.Type.BOOLEAN, ConfigDef.Importance.HIGH, "x"); }
        @Override public String version() { return "1"; }
        @Override public void configure(Map<String, ?> configs, boolean isKey) { }
        @Override public byte[] fromConnectData(String topic, Schema schema, Object value) { return null; }
        @Override public SchemaAndValue toConnectData(String topic, byte[] value) { return null; }
        @Override public void close() { }
        @Override public void configure(Map<String, ?> configs) { }
        @Override public SchemaAndValue toConnectHeader(String topic, String headerKey, byte[] value) { return null; }
        @Override public byte[] fromConnectHeader(String topic, String headerKey, Schema schema, Object value) { return null; }
    }

    public abstract static class Abstract extends Plain { }

    public static class WithoutConstructor extends Plain {
        public WithoutConstructor(int ignored) { }
    }

    public static class Throwing extends Plain {
        public Throwing() {
            throw new IllegalStateException("not today");
        }
    }

    public static class WithoutConfig extends Plain {
        @Override public ConfigDef config() { return null; }
    }

    /** A worker asks the broker for the cluster's id, unless it knows it. */
    static <C extends WorkerConfig> C withoutBroker(C config) throws Exception {
        java.lang.reflect.Field id = WorkerConfig.class.getDeclaredField("kafkaClusterId");
        id.setAccessible(true);
        id.set(config, "recorder");
        return config;
    }

    static Map<String, String> map(JsonNode node) {
        Map<String, String> map = new LinkedHashMap<>();
        node.fields().forEachRemaining(e -> map.put(e.getKey(), e.getValue().isNull() ? null : e.getValue().asText()));
        return map;
    }

    static Plugins plugins = null;

    static AbstractHerder herderOf(Map<String, String> props) throws Exception {
        boolean isDistributed = props.containsKey("group.id");
        if (plugins == null) plugins = new Plugins(props);
        plugins.compareAndSwapWithDelegatingLoader();
        WorkerConfig config = withoutBroker(isDistributed ? new DistributedConfig(props) : new StandaloneConfig(props));
        var policy = plugins.newPlugin(config.getString(WorkerConfig.CONNECTOR_CLIENT_POLICY_CLASS_CONFIG), config,
            org.apache.kafka.connect.connector.policy.ConnectorClientConfigOverridePolicy.class);
        Worker worker = new Worker("recorder:1", Time.SYSTEM, plugins, config, new MemoryOffsetBackingStore() {
            @Override
            public Set<Map<String, Object>> connectorPartitions(String connector) {
                return Set.of();
            }
        }, policy);
        if (!isDistributed) return new StandaloneHerder(worker, "recorder", policy);
        return new DistributedHerder((DistributedConfig) config, Time.SYSTEM, worker, "recorder", new MemoryStatusBackingStore(),
            new MemoryConfigBackingStore(), "http://recorder:1/", null, policy, List.of());
    }

    static ArrayNode validate(JsonNode workers, JsonNode cases) throws Exception {
        Map<String, AbstractHerder> herders = new HashMap<>();
        ArrayNode out = JSON.createArrayNode();
        for (JsonNode c : cases) {
            ObjectNode one = out.addObject();
            one.set("case", c);
            String name = c.get("worker").asText();
            if (!herders.containsKey(name)) herders.put(name, herderOf(map(workers.get(name))));
            AbstractHerder herder = herders.get(name);
            CompletableFuture<ConfigInfos> result = new CompletableFuture<>();
            herder.validateConnectorConfig(map(c.get("config")), (error, infos) -> {
                if (error != null) result.completeExceptionally(error);
                else result.complete(infos);
            });
            try {
                one.set("infos", pooled(JSON.valueToTree(result.get(60, TimeUnit.SECONDS))));
            } catch (ExecutionException e) {
                one.put("error", e.getCause().getMessage());
            }
        }
        return out;
    }

    static JsonNode pooled(ObjectNode infos) {
        ArrayNode places = JSON.createArrayNode();
        for (JsonNode config : infos.get("configs")) {
            ObjectNode value = (ObjectNode) config.get("value");
            value.put("recommended_values", recommended.placeOf(value.get("recommended_values")));
            if (config.get("definition") instanceof ObjectNode definition) {
                definition.remove("documentation");
                ((ObjectNode) config).put("definition", definitions.placeOf(definition));
            }
            places.add(configs.placeOf(config));
        }
        infos.set("configs", places);
        return infos;
    }
}
