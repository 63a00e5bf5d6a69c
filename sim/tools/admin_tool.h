// What the administrative tools have in common: a client node that asks the cluster one thing after the other,
// prints what came of it, and ends.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "sim/clients/admin.h"
#include "sim/tools/tool_output.h"

namespace brokerlab {

// Java exceptions of Kafka's tools.
inline constexpr std::string_view command_failed = "org.apache.kafka.tools.AdminCommandFailedException";
inline constexpr std::string_view operation_failed = "org.apache.kafka.tools.AdminOperationException";
inline constexpr std::string_view wrong_mapping = "com.fasterxml.jackson.databind.JsonMappingException";

/// How a tool ends with a Java exception: as exception_end, or in words of its own.
using ExceptionEnd =
    std::function<ToolEnd(std::string_view exception, std::string_view message, const Causes& causes)>;

/// The client of a command line: its --bootstrap-server and the settings in the file of --command-config. How
/// the tool ends, when Kafka's could make no client of them.
std::optional<ToolEnd> configure_client(Admin::Config& client, const std::string& bootstrap,
                                        const std::optional<std::string>& properties_file,
                                        const ToolEnvironment& environment,
                                        const ExceptionEnd& ends_with = exception_end);

class AdminTool : public Node {
 public:
  void step(const Now& now, const Input& input, Effects& effects) final;
  NodeView describe(const Now& now) const override;

 protected:
  AdminTool(const Boot& boot, Admin::Config client, ExceptionEnd ends_with = exception_end);

  /// Calls for the first time, or ends.
  virtual void begin(const Now& now, Effects& effects) = 0;
  /// What came of the last call: calls again, or ends.
  virtual void go_on(const Now& now, Effects& effects, const AdminAnswer& answer) = 0;

  // As of Admin.
  void call(const Now& now, Effects& effects, std::string name, Admin::Target target, AdminRequest request,
            kafka::Versions versions);
  void call_node(const Now& now, Effects& effects, std::string name, int32_t node, AdminRequest request,
                 kafka::Versions versions);
  void call_again(const Now& now, Effects& effects);
  /// Calls for the Metadata of all topics.
  void list_topics(const Now& now, Effects& effects, std::string name);
  const std::map<int32_t, Address>& nodes() const { return admin_.nodes(); }
  /// What a request says of how long it may take.
  int32_t request_timeout_ms() const;

  void end_with(const Now& now, Effects& effects, std::string_view exception, std::string_view message,
                const Causes& causes = {}) const;

 private:
  ExceptionEnd ends_with_;
  OutgoingConnectionIds ids_;
  Admin admin_;
};

}  // namespace brokerlab
