// Records how Maven's classes, in the version that Connect 4.3.0 ships (maven-artifact), order versions, and what
// PluginUtils.connectorVersionRequirement makes of `*.plugin.version`.
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.connect.runtime.isolation.PluginUtils;
import org.apache.maven.artifact.versioning.ComparableVersion;
import org.apache.maven.artifact.versioning.DefaultArtifactVersion;
import org.apache.maven.artifact.versioning.VersionRange;

public class Recorder {
    static String quoted(String text) {
        return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
    }

    static List<String> texts(JsonNode array) {
        List<String> found = new ArrayList<>();
        array.forEach(item -> found.add(item.asText()));
        return found;
    }

    public static void main(String[] args) throws Exception {
        JsonNode cases = new ObjectMapper().readTree(Path.of(args[0]).toFile());
        List<String> versions = texts(cases.get("versions"));
        List<String> ranges = texts(cases.get("ranges"));
        try (PrintWriter out = new PrintWriter(Path.of(args[1]).resolve("versions.json").toFile())) {
            List<String> rows = new ArrayList<>();
            for (String a : versions) {
                StringBuilder row = new StringBuilder();
                for (String b : versions) {
                    int order = Integer.signum(new ComparableVersion(a).compareTo(new ComparableVersion(b)));
                    row.append(order < 0 ? '<' : order > 0 ? '>' : '=');
                }
                rows.add("    [" + quoted(a) + ", " + quoted(row.toString()) + "]");
            }
            List<String> found = new ArrayList<>();
            for (String spec : ranges) {
                String answer;
                try {
                    VersionRange range = PluginUtils.connectorVersionRequirement(spec);
                    StringBuilder contained = new StringBuilder();
                    if (range != null)
                        for (String v : versions) contained.append(range.containsVersion(new DefaultArtifactVersion(v)) ? '1' : '0');
                    answer = "\"range\": " + (range == null ? "null" : quoted(range.toString())) + ", \"contains\": " + quoted(contained.toString());
                } catch (Exception e) {
                    answer = "\"error\": " + quoted(String.valueOf(e.getMessage()));
                }
                found.add("    { \"spec\": " + quoted(spec) + ", " + answer + " }");
            }
            out.print("{\n  \"orders\": [\n" + String.join(",\n", rows) + "\n  ],\n  \"ranges\": [\n" + String.join(",\n", found) + "\n  ]\n}\n");
        }
    }
}
