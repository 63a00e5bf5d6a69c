#include "sim/shell/recipes.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <map>
#include <system_error>

#include "sim/base/assert.h"
#include "sim/runtime/record.h"
#include "sim/shell/text_file.h"
#include "sim/tools/tool.h"

namespace brokerlab {

namespace {

constexpr std::string_view producer_recipe = "producer";
constexpr std::string_view consumer_recipe = "consumer";
constexpr std::string_view tool_recipe = "tool";
/// The file whose content is what stands in front of a command in its pipe.
constexpr std::string_view standard_input_path = "/dev/stdin";

Status no_such_recipe() {
  return Status::error(StatusCode::invalid, "the recording holds a node that this brokerlab cannot make",
                       "이 brokerlab이 만들 수 없는 노드가 기록에 들어 있습니다");
}

std::string text_of(const std::vector<Address>& addresses) {
  std::string text;
  for (const Address& address : addresses)
    text += fmt::format("{}{}:{}", text.empty() ? "" : ",", address.host, address.port);
  return text;
}

/// `name=value` words. What is missing or no number makes it invalid.
class Values {
 public:
  explicit Values(const Recipe& recipe) {
    for (size_t i = 1; i < recipe.size(); ++i) {
      const size_t equals = recipe[i].find('=');
      if (equals != std::string::npos) values_[recipe[i].substr(0, equals)] = recipe[i].substr(equals + 1);
    }
  }
  bool are_valid() const { return are_valid_; }
  std::string text(std::string_view name) {
    const auto found = values_.find(name);
    are_valid_ = are_valid_ && found != values_.end();
    return found == values_.end() ? std::string() : found->second;
  }
  int64_t number(std::string_view name) { return parse(text(name)); }
  std::vector<int64_t> numbers(std::string_view name) {
    std::vector<int64_t> numbers;
    for (const std::string& part : parts(name)) numbers.push_back(parse(part));
    return numbers;
  }
  std::vector<Address> addresses(std::string_view name) {
    std::vector<Address> addresses;
    for (const std::string& part : parts(name)) {
      const size_t colon = part.rfind(':');
      const int64_t port = colon == std::string::npos ? -1 : parse(part.substr(colon + 1));
      are_valid_ = are_valid_ && port >= 0 && port <= UINT16_MAX;
      addresses.push_back({part.substr(0, colon), static_cast<uint16_t>(port)});
    }
    return addresses;
  }

 private:
  std::vector<std::string> parts(std::string_view name) {
    std::vector<std::string> parts;
    const std::string all = text(name);
    for (std::string_view rest = all; !rest.empty();) {
      const size_t comma = std::min(rest.find(','), rest.size());
      parts.emplace_back(rest.substr(0, comma));
      rest.remove_prefix(std::min(rest.size(), comma + 1));
    }
    return parts;
  }
  int64_t parse(const std::string& text) {
    int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    are_valid_ = are_valid_ && error == std::errc{} && end == text.data() + text.size();
    return number;
  }

  std::map<std::string, std::string, std::less<>> values_;
  bool are_valid_ = true;
};

Result<NodeFactory> producer_of(const Recipe& recipe) {
  Values values(recipe);
  ProducerNodeConfig config;
  config.bootstrap = values.addresses("bootstrap");
  config.topic = values.text("topic");
  config.acks = static_cast<int16_t>(values.number("acks"));
  config.records_per_second = values.number("rate");
  config.value_size = static_cast<size_t>(values.number("size"));
  config.keys = values.number("keys");
  config.is_idempotent = values.number("idempotent") != 0;
  if (!values.are_valid()) return no_such_recipe();
  return NodeFactory(
      [config](const Boot& boot, const ClusterSpec&) { return make_producer_node(boot, config); });
}

Result<NodeFactory> consumer_of(const Recipe& recipe) {
  Values values(recipe);
  ConsumerNodeConfig config;
  config.bootstrap = values.addresses("bootstrap");
  config.topic = values.text("topic");
  for (const int64_t partition : values.numbers("partitions"))
    config.partitions.push_back(static_cast<int32_t>(partition));
  config.from_beginning = values.number("from_beginning") != 0;
  if (!values.are_valid()) return no_such_recipe();
  return NodeFactory(
      [config](const Boot& boot, const ClusterSpec&) { return make_consumer_node(boot, config); });
}

Result<NodeFactory> tool_of(const Recipe& recipe) {
  if (recipe.size() < 4 || !is_tool(recipe[1])) return no_such_recipe();
  return NodeFactory([recipe](const Boot& boot, const ClusterSpec& cluster) {
    ToolEnvironment environment;
    environment.read_file = [&](const std::string& path) -> Result<std::string> {
      if (path == standard_input_path) return recipe[3];
      Result<std::string> content =
          cluster.read_file ? cluster.read_file(boot.id, path) : read_text_file(path);
      if (cluster.recorder) cluster.recorder->tool_read(boot.id, path, content);
      return content;
    };
    environment.working_folder = recipe[2];
    return make_tool(boot, recipe[1], {recipe.begin() + 4, recipe.end()}, environment);
  });
}

Result<ClusterSpec> cluster_of(const std::vector<std::string>& texts) {
  LabConfig config;
  for (size_t i = 0; i + 1 < texts.size(); i += 2) {
    if (Status set = config.set(texts[i], texts[i + 1]); !set) return set;
  }
  return config.cluster(Driver::live, 0);
}

}  // namespace

std::vector<std::string> texts_of(const LabConfig& config) {
  std::vector<std::string> texts = {"brokers",     std::to_string(config.brokers),
                                    "seed",        std::to_string(config.seed),
                                    "timers",      config.timers == Timers::lab ? "lab" : "kafka",
                                    "controllers", std::to_string(config.controllers)};
  for (const auto& [name, value] : config.settings) {
    texts.emplace_back("set");
    texts.push_back(name + "=" + value);
  }
  return texts;
}

Recipe recipe_of(const ProducerNodeConfig& config) {
  return {std::string(producer_recipe),
          "bootstrap=" + text_of(config.bootstrap),
          "topic=" + config.topic,
          fmt::format("acks={}", config.acks),
          fmt::format("rate={}", config.records_per_second),
          fmt::format("size={}", config.value_size),
          fmt::format("keys={}", config.keys),
          fmt::format("idempotent={}", config.is_idempotent ? 1 : 0)};
}

Recipe recipe_of(const ConsumerNodeConfig& config) {
  return {std::string(consumer_recipe), "bootstrap=" + text_of(config.bootstrap), "topic=" + config.topic,
          fmt::format("partitions={}", fmt::join(config.partitions, ",")),
          fmt::format("from_beginning={}", config.from_beginning ? 1 : 0)};
}

Recipe recipe_of_tool(std::string_view tool, const std::vector<std::string>& arguments,
                      std::string_view piped) {
  std::error_code no_folder;
  const bool reads_pipe = std::ranges::find(arguments, standard_input_path) != arguments.end();
  Recipe recipe = {std::string(tool_recipe), std::string(tool),
                   std::filesystem::current_path(no_folder).string(), std::string(reads_pipe ? piped : "")};
  recipe.insert(recipe.end(), arguments.begin(), arguments.end());
  return recipe;
}

Result<NodeFactory> factory_of(const Recipe& recipe) {
  if (!recipe.empty() && recipe[0] == producer_recipe) return producer_of(recipe);
  if (!recipe.empty() && recipe[0] == consumer_recipe) return consumer_of(recipe);
  if (!recipe.empty() && recipe[0] == tool_recipe) return tool_of(recipe);
  return no_such_recipe();
}

void follow(Recipe recipe, NodeSpec& spec) {
  Result<NodeFactory> factory = factory_of(recipe);
  BROKERLAB_ASSERT_THAT(factory.ok(), factory.status().message);
  spec.factory = std::move(factory).value();
  spec.recipe = std::move(recipe);
}

ReplayMakers replay_makers() { return {cluster_of, factory_of}; }

}  // namespace brokerlab
