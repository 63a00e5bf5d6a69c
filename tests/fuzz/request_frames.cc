// What a client, or whoever found the port, sends to a node: request frames, their key and version chosen by
// the input. Each is decoded by itself, and all of them are sent to a running broker of the sandbox, over one
// connection to a listener that the first byte chooses.
//
// Whatever they say, the broker lives on and answers the next client. Requests on INTERNAL and CONTROLLER may
// change the cluster, as its own nodes' would, and end a node of the quorum with an error: an epoch that cannot
// grow ends Kafka's too.
#include <memory>

#include "sim/runtime/presets.h"
#include "sim/runtime/sandbox.h"
#include "sim/wire/kafka/18_api_versions.h"
#include "sim/wire/kafka/frame.h"
#include "tests/fuzz/messages.h"

using namespace brokerlab;
using namespace brokerlab::fuzz;

namespace {

constexpr Duration time_to_answer = seconds(2);
constexpr int port_base = 9092;
constexpr uint8_t controller = 2;

/// Sends frames to a port as it is told, and prints a line for each that comes back.
class Sender final : public Node {
 public:
  explicit Sender(const Boot& boot) : ids_(boot.incarnation) {}
  void step(const Now&, const Input& input, Effects& effects) override {
    if (const auto* frames = std::get_if<input::Frames>(&input))
      for (size_t i = 0; i < frames->frames.size(); ++i) effects.print(1, ".");
    const auto* command = std::get_if<input::Command>(&input);
    if (command == nullptr || command->verb != "send") return;
    const ConnectionId connection = ids_.next();
    effects.open(connection, {"127.0.0.1", static_cast<uint16_t>(std::stoi(command->arguments[0]))},
                 Protocol::kafka);
    for (size_t i = 1; i < command->arguments.size(); ++i)
      effects.send(connection, {Bytes::copy_of(command->arguments[i])}, {});
  }
  std::unique_ptr<Node> clone() const override { return std::make_unique<Sender>(*this); }
  NodeView describe(const Now&) const override { return {}; }

 private:
  OutgoingConnectionIds ids_;
};

NodeId add_sender(Sandbox& lab) {
  NodeSpec spec;
  spec.name = lab.free_name("sender");
  spec.factory = [](const Boot& boot, const ClusterSpec&) { return std::make_unique<Sender>(boot); };
  return lab.add(std::move(spec), {}).value();
}

std::string text_of(const Bytes& bytes) { return std::string(bytes.text()); }

/// With its length before it, as it stands on the wire.
std::string framed(const Bytes& frame) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(frame.size() >> shift);
  return bytes + text_of(frame);
}

/// A broker with a topic, at the moment at which every input finds it.
const Sandbox& running_broker() {
  static const std::unique_ptr<Sandbox> lab = [] {
    KafkaClusterOptions options;
    options.brokers = 1;
    options.port_base = port_base;
    FUZZ_CHECK(options.settings.set("default.replication.factor", "1").ok());
    ClusterSpec spec = kafka_cluster(options);
    spec.driver = Driver::sandbox;
    auto made = std::make_unique<Sandbox>(std::move(spec));
    (void)made->run_for(seconds(5));
    return made;
  }();
  return *lab;
}

bool is_answered(Sandbox& lab) {
  const NodeId client = add_sender(lab);
  const Bytes question = joined(kafka::request_frame(kafka::ApiVersionsRequest{}, 0, 7, "after"));
  FUZZ_CHECK(lab.command(client, {"send", {std::to_string(port_base), text_of(question)}}, {}).ok());
  size_t answers = 0;
  return lab.run_until([&] { return (answers += lab.take_output(client).size()) > 0; }, seconds(5)) ==
         WaitResult::reached;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  FuzzInput input(data, size);
  const uint8_t listener = input.byte() % 3;
  std::vector<Bytes> frames;
  while (!input.empty()) frames.push_back(input.piece());

  for (const Bytes& frame : frames) {
    const MemoryLimit limit(message_memory(frame.size()));
    Bytes body;
    const Result<kafka::RequestHeader> header = kafka::decode_request_header(frame, body);
    if (!header) continue;
    const kafka::MessageSchema* schema = kafka::find_message(header->api_key, kafka::MessageKind::request);
    if (schema != nullptr) check_message(*schema, header->api_version, body);
  }

  // The broker is begun before memory is counted; what a topic needs is the largest that one request makes.
  const Sandbox& prepared = running_broker();
  const MemoryLimit limit((uint64_t{64} << 20) + 16384 * size);
  const std::unique_ptr<Sandbox> lab = prepared.clone();
  const NodeId client = add_sender(*lab);
  constexpr int listener_ports[] = {port_base, port_base + 20'000, port_base + 30'000};
  input::Command send{"send", {std::to_string(listener_ports[listener])}};
  for (const Bytes& frame : frames) send.arguments.push_back(framed(frame));
  FUZZ_CHECK(lab->command(client, std::move(send), {}).ok());
  (void)lab->run_for(time_to_answer);
  const bool runs = lab->view().find("kafka1")->state == NodeState::running;
  FUZZ_CHECK(runs || listener == controller);
  if (runs) FUZZ_CHECK(is_answered(*lab));
  return 0;
}
