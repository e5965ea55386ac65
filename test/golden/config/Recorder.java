// Records what Java Connect 4.3.0 makes of the inputs in cases.json, into recorded.json beside it. Run by npm run golden.
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
import org.apache.kafka.connect.connector.policy.AllConnectorClientConfigOverridePolicy;
import org.apache.kafka.connect.runtime.*;
import org.apache.kafka.connect.runtime.distributed.DistributedConfig;
import org.apache.kafka.connect.runtime.isolation.Plugins;
import org.apache.kafka.connect.runtime.rest.entities.ConfigInfos;
import org.apache.kafka.connect.runtime.standalone.*;
import org.apache.kafka.connect.storage.MemoryOffsetBackingStore;

public class Recorder {
    static final ObjectMapper JSON = new ObjectMapper();
    // definitions repeat from case to case: each stands once, by its place in this list
    static final ArrayNode definitions = JSON.createArrayNode();
    static final Map<JsonNode, Integer> places = new HashMap<>();

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
        out.set("validate", validate(cases.get("worker"), cases.get("validate")));
        out.set("definitions", definitions);
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
        for (Field field : config.getDeclaredFields()) {
            if (field.getType() == ConfigDef.class && Modifier.isStatic(field.getModifiers())) {
                field.setAccessible(true);
                return (ConfigDef) field.get(null);
            }
        }
        Method method = config.getDeclaredMethod("config", org.apache.kafka.connect.runtime.distributed.Crypto.class);
        method.setAccessible(true);
        return (ConfigDef) method.invoke(null, org.apache.kafka.connect.runtime.distributed.Crypto.SYSTEM);
    }

    static class WithoutBroker extends StandaloneConfig {
        WithoutBroker(Map<String, String> props) {
            super(props);
        }

        @Override
        public String kafkaClusterId() {
            return "recorder";
        }
    }

    static Map<String, String> map(JsonNode node) {
        Map<String, String> map = new LinkedHashMap<>();
        node.fields().forEachRemaining(e -> map.put(e.getKey(), e.getValue().isNull() ? null : e.getValue().asText()));
        return map;
    }

    static ArrayNode validate(JsonNode workerProps, JsonNode cases) throws Exception {
        Map<String, String> props = map(workerProps);
        Plugins plugins = new Plugins(props);
        AllConnectorClientConfigOverridePolicy policy = new AllConnectorClientConfigOverridePolicy();
        Worker worker = new Worker("recorder:1", Time.SYSTEM, plugins, new WithoutBroker(props), new MemoryOffsetBackingStore() {
            @Override
            public Set<Map<String, Object>> connectorPartitions(String connector) {
                return Set.of();
            }
        }, policy);
        StandaloneHerder herder = new StandaloneHerder(worker, "recorder", policy);
        ArrayNode out = JSON.createArrayNode();
        for (JsonNode c : cases) {
            ObjectNode one = out.addObject();
            one.set("case", c);
            CompletableFuture<ConfigInfos> result = new CompletableFuture<>();
            herder.validateConnectorConfig(map(c), (error, infos) -> {
                if (error != null) result.completeExceptionally(error);
                else result.complete(infos);
            });
            try {
                JsonNode infos = JSON.valueToTree(result.get(60, TimeUnit.SECONDS));
                for (JsonNode config : infos.get("configs")) {
                    if (config.get("definition") instanceof ObjectNode definition) {
                        definition.remove("documentation");
                        ((ObjectNode) config).put("definition", places.computeIfAbsent(definition, d -> {
                            definitions.add(d);
                            return definitions.size() - 1;
                        }));
                    }
                    ((ObjectNode) config.get("value")).remove("recommended_values");
                }
                one.set("infos", infos);
            } catch (ExecutionException e) {
                one.put("error", e.getCause().getMessage());
            }
        }
        return out;
    }
}
