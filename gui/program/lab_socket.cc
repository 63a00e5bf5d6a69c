#include "gui/program/lab_socket.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <filesystem>
#include <set>
#include <vector>

#include "sim/shell/shell.h"

namespace brokerlab {

namespace asio = boost::asio;
using LocalSocket = asio::local::stream_protocol;

namespace {

constexpr size_t header_bytes = 5;
/// How often a command that goes on is looked at.
constexpr auto poll_interval = std::chrono::milliseconds(5);

/// Where this user's labs have their sockets. XDG_RUNTIME_DIR is private already; below /tmp the folder is made so.
std::filesystem::path folder_of_labs() {
  const char* runtime = std::getenv("XDG_RUNTIME_DIR");
  if (runtime != nullptr && *runtime != '\0') return std::filesystem::path(runtime) / "brokerlab";
  return std::filesystem::temp_directory_path() / fmt::format("brokerlab-{}", getuid());
}

/// Makes the folder, mode 0700; refuses one that somebody else could have put there.
Status prepare_folder(const std::filesystem::path& folder) {
  constexpr mode_t owner_only = 0700;
  if (mkdir(folder.c_str(), owner_only) != 0 && errno != EEXIST)
    return Status::error(
        StatusCode::io_error, fmt::format("cannot make {}: {}", folder.string(), std::strerror(errno)),
        fmt::format("{} 폴더를 만들 수 없습니다: {}", folder.string(), std::strerror(errno)));
  struct stat info {};
  if (lstat(folder.c_str(), &info) != 0 || !S_ISDIR(info.st_mode) || info.st_uid != getuid())
    return Status::error(StatusCode::io_error, fmt::format("{} is not a folder of yours", folder.string()),
                         fmt::format("{}: 내 소유의 폴더가 아닙니다", folder.string()));
  if (chmod(folder.c_str(), owner_only) != 0)
    return Status::error(
        StatusCode::io_error, fmt::format("cannot protect {}: {}", folder.string(), std::strerror(errno)),
        fmt::format("{} 폴더의 권한을 바꿀 수 없습니다: {}", folder.string(), std::strerror(errno)));
  return {};
}

bool answers(const std::string& path) {
  asio::io_context io;
  LocalSocket::socket socket(io);
  boost::system::error_code error;
  socket.connect(LocalSocket::endpoint(path), error);
  return !error;
}

/// One `brokerlab shell` that has joined: a session of the language, one command at a time.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(LocalSocket::socket socket, Lab& lab, Language language)
      : socket_(std::move(socket)), timer_(socket_.get_executor()), shell_(lab, language) {}

  void start() { read(); }
  void close() {
    boost::system::error_code ignored;
    timer_.cancel();
    socket_.close(ignored);
  }

 private:
  void read() {
    socket_.async_read_some(asio::buffer(buffer_), [self = shared_from_this()](auto error, size_t size) {
      if (error) return self->hang_up();
      self->received_.append(self->buffer_.data(), size);
      if (self->handle_frames()) self->read();
    });
  }

  /// False when the connection is over.
  bool handle_frames() {
    for (;;) {
      Result<std::optional<LabFrame>> frame = take_lab_frame(received_);
      if (!frame.ok()) {
        hang_up();
        return false;
      }
      if (!*frame) return true;
      handle(**frame);
    }
  }

  void handle(const LabFrame& frame) {
    switch (frame.type) {
      case 'l':
        return shell_.set_language(frame.payload == "ko" ? Language::korean : Language::english);
      case 'c':
        if (job_ != nullptr) return;  // one at a time: our client waits for the end
        job_ = shell_.start(frame.payload);
        has_asked_for_input_ = false;
        return look();
      case 'i':
        has_asked_for_input_ = false;
        if (job_ != nullptr) job_->standard_input(frame.payload);
        return;
      case 'e':
        if (job_ != nullptr) job_->end_standard_input();
        return;
      case 'k':
        if (job_ != nullptr) job_->interrupt();
        return;
      default:
        return;
    }
  }

  /// Passes on what the command has written, and looks again soon while it goes on.
  void look() {
    job_->poll();
    for (const OutputChunk& chunk : job_->take_output()) send(chunk.stream == 1 ? 'o' : 'r', chunk.text);
    if (job_->done()) {
      send('x', std::to_string(job_->status()));
      job_.reset();
      return;
    }
    if (job_->wants_standard_input() && !has_asked_for_input_) {
      has_asked_for_input_ = true;
      send('w', {});
    }
    timer_.expires_after(poll_interval);
    timer_.async_wait([self = shared_from_this()](auto error) {
      if (!error && self->job_ != nullptr) self->look();
    });
  }

  void send(char type, std::string_view payload) {
    while (payload.size() > most_frame_bytes) {
      outgoing_.push_back(encode_lab_frame(type, payload.substr(0, most_frame_bytes)));
      payload.remove_prefix(most_frame_bytes);
    }
    outgoing_.push_back(encode_lab_frame(type, payload));
    if (!is_writing_) write();
  }

  void write() {
    is_writing_ = true;
    asio::async_write(socket_, asio::buffer(outgoing_.front()),
                      [self = shared_from_this()](auto error, size_t) {
                        self->is_writing_ = false;
                        if (error) return self->hang_up();
                        self->outgoing_.pop_front();
                        if (!self->outgoing_.empty()) self->write();
                      });
  }

  /// Who hangs up while a command runs means Ctrl-C.
  void hang_up() {
    if (job_ != nullptr) job_->interrupt();
    job_.reset();
    close();
  }

  LocalSocket::socket socket_;
  asio::steady_timer timer_;
  Shell shell_;
  std::unique_ptr<Job> job_;
  bool has_asked_for_input_ = false;
  std::array<char, 16 << 10> buffer_{};
  std::string received_;
  std::deque<std::string> outgoing_;
  bool is_writing_ = false;
};

}  // namespace

std::string encode_lab_frame(char type, std::string_view payload) {
  const auto length = static_cast<uint32_t>(payload.size());
  std::string frame(1, type);
  for (int shift = 24; shift >= 0; shift -= 8) frame += static_cast<char>(length >> shift & 0xFF);
  frame += payload;
  return frame;
}

Result<std::optional<LabFrame>> take_lab_frame(std::string& bytes) {
  if (bytes.size() < header_bytes) return std::optional<LabFrame>();
  uint32_t length = 0;
  for (size_t i = 1; i < header_bytes; ++i) length = length << 8 | static_cast<uint8_t>(bytes[i]);
  if (length > most_frame_bytes)
    return Status::error(StatusCode::invalid, fmt::format("a frame of {} bytes", length));
  if (bytes.size() < header_bytes + length) return std::optional<LabFrame>();
  LabFrame frame{bytes[0], bytes.substr(header_bytes, length)};
  bytes.erase(0, header_bytes + length);
  return std::optional(std::move(frame));
}

// ---- server -----------------------------------------------------------------------------------------------

class LabSocketServer::State : public std::enable_shared_from_this<State> {
 public:
  State(asio::io_context& io, Lab& lab, Language language, std::string path)
      : acceptor_(io), lab_(lab), language_(language), path_(std::move(path)) {}

  Status listen() {
    boost::system::error_code error;
    const LocalSocket::endpoint endpoint(path_);
    acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.bind(endpoint, error);
    constexpr mode_t owner_only = 0600;
    if (!error && chmod(path_.c_str(), owner_only) != 0)
      error.assign(errno, boost::system::system_category());
    if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
    if (error) return Status::error(StatusCode::unavailable, fmt::format("{}: {}", path_, error.message()));
    return {};
  }

  void accept() {
    acceptor_.async_accept([self = shared_from_this()](auto error, LocalSocket::socket socket) {
      if (error) return;
      std::erase_if(self->connections_, [](const auto& connection) { return connection.expired(); });
      const auto connection = std::make_shared<Connection>(std::move(socket), self->lab_, self->language_);
      self->connections_.push_back(connection);
      connection->start();
      self->accept();
    });
  }

  void close() {
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    for (const std::weak_ptr<Connection>& weak : connections_)
      if (const std::shared_ptr<Connection> connection = weak.lock()) connection->close();
    unlink(path_.c_str());
    rmdir(std::filesystem::path(path_).parent_path().c_str());  // fails, rightly, while another lab is in it
  }

  const std::string& path() const { return path_; }

 private:
  LocalSocket::acceptor acceptor_;
  Lab& lab_;
  Language language_;
  std::string path_;
  std::vector<std::weak_ptr<Connection>> connections_;
};

Result<std::unique_ptr<LabSocketServer>> LabSocketServer::open(asio::io_context& io, Lab& lab,
                                                               Language language) {
  const std::filesystem::path folder = folder_of_labs();
  const Status prepared = prepare_folder(folder);
  if (!prepared.ok()) return prepared;
  const std::string path = (folder / fmt::format("lab-{}.socket", getpid())).string();
  unlink(path.c_str());  // of a dead process with our number
  auto state = std::make_shared<State>(io, lab, language, path);
  const Status listening = state->listen();
  if (!listening.ok()) return listening;
  state->accept();
  return std::unique_ptr<LabSocketServer>(new LabSocketServer(std::move(state)));
}

LabSocketServer::LabSocketServer(std::shared_ptr<State> state) : state_(std::move(state)) {}
LabSocketServer::~LabSocketServer() { state_->close(); }
const std::string& LabSocketServer::path() const { return state_->path(); }

Result<std::string> find_lab_socket(const std::string& asked, Language language) {
  if (!asked.empty()) return asked;
  const char* variable = std::getenv("BROKERLAB_SOCKET");
  if (variable != nullptr && *variable != '\0') return std::string(variable);
  std::set<std::string> running;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder_of_labs(), error))
    if (entry.path().extension() == ".socket" && answers(entry.path().string()))
      running.insert(entry.path().string());
  if (running.size() == 1) return *running.begin();
  if (running.empty())
    return Status::error(StatusCode::not_found, Text{"no lab is running. Start one: brokerlab up",
                                                     "실행 중인 랩이 없습니다. 먼저 실행하세요: brokerlab up"}
                                                    .in(language));
  const std::string labs = fmt::format("{}", fmt::join(running, ", "));
  return Status::error(StatusCode::invalid,
                       Text{fmt::format("several labs are running; say which with --socket: {}", labs),
                            fmt::format("실행 중인 랩이 여러 개입니다. --socket으로 고르세요: {}", labs)}
                           .in(language));
}

}  // namespace brokerlab
