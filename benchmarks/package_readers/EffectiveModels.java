import java.io.File;
import java.io.FileInputStream;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.maven.model.Dependency;
import org.apache.maven.model.Model;
import org.apache.maven.model.Parent;
import org.apache.maven.model.Repository;
import org.apache.maven.model.building.DefaultModelBuilderFactory;
import org.apache.maven.model.building.DefaultModelBuildingRequest;
import org.apache.maven.model.building.FileModelSource;
import org.apache.maven.model.building.ModelBuildingException;
import org.apache.maven.model.building.ModelBuildingRequest;
import org.apache.maven.model.building.ModelSource;
import org.apache.maven.model.building.StringModelSource;
import org.apache.maven.model.io.xpp3.MavenXpp3Reader;
import org.apache.maven.model.resolution.ModelResolver;

/** Prints the dependencies of POMs with the versions that Maven itself computes, without a network. */
public class EffectiveModels {
  private static final Map<String, File> POMS = new HashMap<>();

  private static class Resolver implements ModelResolver {
    /** Returns the POM in the repository, or an empty one if it is elsewhere. */
    public ModelSource resolveModel(String group, String artifact, String version) {
      File file = POMS.get(group + ":" + artifact + ":" + version);
      if (file != null) {
        return new FileModelSource(file);
      }
      String text = "<project><modelVersion>4.0.0</modelVersion><groupId>" + group
          + "</groupId><artifactId>" + artifact + "</artifactId><version>" + version
          + "</version><packaging>pom</packaging></project>";
      return new StringModelSource(text, "empty:" + group + ":" + artifact);
    }

    public ModelSource resolveModel(Parent parent) {
      return resolveModel(parent.getGroupId(), parent.getArtifactId(), parent.getVersion());
    }

    public ModelSource resolveModel(Dependency dependency) {
      return resolveModel(
          dependency.getGroupId(), dependency.getArtifactId(), dependency.getVersion());
    }

    public void addRepository(Repository repository) {}

    public void addRepository(Repository repository, boolean replace) {}

    public ModelResolver newCopy() {
      return this;
    }
  }

  public static void main(String[] arguments) {
    File root = new File(arguments[0]);
    List<String> paths = new ArrayList<>(List.of(arguments).subList(1, arguments.length));
    for (String path : paths) {
      File file = new File(root, path);
      try (InputStream in = new FileInputStream(file)) {
        Model model = new MavenXpp3Reader().read(in);
        Parent parent = model.getParent();
        String group = model.getGroupId() != null || parent == null
            ? model.getGroupId() : parent.getGroupId();
        String version = model.getVersion() != null || parent == null
            ? model.getVersion() : parent.getVersion();
        POMS.put(group + ":" + model.getArtifactId() + ":" + version, file);
      } catch (Exception unreadable) {
        // Building its model fails below, and is reported there.
      }
    }
    for (String path : paths) {
      DefaultModelBuildingRequest request = new DefaultModelBuildingRequest();
      request.setPomFile(new File(root, path)).setModelResolver(new Resolver());
      request.setValidationLevel(ModelBuildingRequest.VALIDATION_LEVEL_MINIMAL);
      request.setSystemProperties(System.getProperties());
      Model model;
      try {
        model = new DefaultModelBuilderFactory().newInstance().build(request).getEffectiveModel();
      } catch (ModelBuildingException error) {
        model = error.getModel();
      }
      if (model == null) {
        System.out.println("unreadable\t" + path);
        continue;
      }
      for (Dependency one : model.getDependencies()) {
        System.out.println("dependency\t" + path + "\t" + one.getGroupId() + ":"
            + one.getArtifactId() + "\t" + one.getVersion());
      }
    }
  }
}
