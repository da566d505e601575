import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/**
 * TlsClient: a TLS client (JSSE's SSLSocket).
 *
 * <p>Reads one visit per line from stdin, words NAME=VALUE: port, ca (a PEM file), name, path,
 * versions (such as 1.0,1.2), alpn (such as h2,http/1.1). It connects to 127.0.0.1, asks for the
 * path, reads to the end, and prints one JSON object per line: version, cipher, alpn, body, and
 * "error" where it fails. With proxy=N it asks the HTTP proxy on that port for a tunnel to
 * name:port first. With requests=N it asks N times on one connection, each time in one write and
 * pause=MS after the last answer, and the body is the last answer's. With echo=N instead of path it
 * sends N bytes, and says "intact" as its body when the same bytes come back.
 *
 * <p>With words on its command line it makes that one visit, and its exit code is 1 without an answer.
 */
final class TlsClient {
  public static void main(String[] arguments) throws Exception {
    if (arguments.length > 0) {
      Map<String, String> found = make(visitOf(arguments));
      System.out.println(json(found));
      System.exit(found.getOrDefault("body", "").isEmpty() ? 1 : 0);
    }
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
    for (String line = in.readLine(); line != null; line = in.readLine())
      System.out.println(json(make(visitOf(line.split(" ")))));
  }

  private static Map<String, String> visitOf(String[] words) {
    Map<String, String> visit = new HashMap<>();
    for (String word : words) {
      int at = word.indexOf('=');
      visit.put(word.substring(0, at), word.substring(at + 1));
    }
    return visit;
  }

  private static Map<String, String> make(Map<String, String> visit) {
    Map<String, String> found = new HashMap<>();
    try (Socket plain = connect(visit)) {
      plain.setSoTimeout(8000);
      try (SSLSocket socket = secure(plain, visit)) {
        socket.startHandshake();
        found.put("version", socket.getSession().getProtocol());
        found.put("cipher", socket.getSession().getCipherSuite());
        found.put("alpn", socket.getApplicationProtocol());
        found.put("body", body(socket, visit));
      }
    } catch (Exception error) {
      found.put("error", error.toString());
    }
    return found;
  }

  private static Socket connect(Map<String, String> visit) throws IOException {
    InetAddress here = InetAddress.getLoopbackAddress();
    if (!visit.containsKey("proxy")) return new Socket(here, number(visit, "port"));
    InetSocketAddress proxy = new InetSocketAddress(here, number(visit, "proxy"));
    Socket plain = new Socket(new Proxy(Proxy.Type.HTTP, proxy));
    plain.connect(InetSocketAddress.createUnresolved(visit.get("name"), number(visit, "port")));
    return plain;
  }

  private static int number(Map<String, String> visit, String name) {
    return Integer.parseInt(visit.get(name));
  }

  private static SSLSocket secure(Socket plain, Map<String, String> visit) throws Exception {
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    try (InputStream in = Files.newInputStream(Path.of(visit.get("ca")))) {
      for (Certificate root : CertificateFactory.getInstance("X.509").generateCertificates(in))
        trusted.setCertificateEntry("root" + trusted.size(), root);
    }
    TrustManagerFactory managers =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    managers.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS"); // a new one: nothing is resumed
    context.init(null, managers.getTrustManagers(), null);
    String name = visit.get("name");
    SSLSocket socket =
        (SSLSocket) context.getSocketFactory().createSocket(plain, name, plain.getPort(), true);
    SSLParameters parameters = socket.getSSLParameters();
    // JSSE sends no server name without a dot by itself.
    parameters.setServerNames(List.of(new SNIHostName(name)));
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    if (visit.containsKey("alpn"))
      parameters.setApplicationProtocols(visit.get("alpn").split(","));
    String[] versions = visit.get("versions").split(",");
    for (int i = 0; i < versions.length; ++i)
      versions[i] = versions[i].equals("1.0") ? "TLSv1" : "TLSv" + versions[i];
    parameters.setProtocols(versions);
    socket.setSSLParameters(parameters);
    return socket;
  }

  private static String body(SSLSocket socket, Map<String, String> visit) throws Exception {
    if (visit.containsKey("echo")) return echo(socket, visit);
    return visit.containsKey("requests") ? getAgain(socket, visit) : get(socket, visit);
  }

  /** HTTP/1.1: in TLS 1.0, JSSE leaves the first request whole and splits the others (1/n-1). */
  private static String getAgain(SSLSocket socket, Map<String, String> visit) throws Exception {
    String head = "GET " + visit.get("path") + " HTTP/1.1\r\nHost: " + visit.get("name") + "\r\n";
    InputStream in = socket.getInputStream();
    String body = "";
    for (int left = number(visit, "requests"); left > 0; --left) {
      if (!body.isEmpty() && visit.containsKey("pause")) Thread.sleep(number(visit, "pause"));
      String request = head + (left == 1 ? "Connection: close\r\n\r\n" : "\r\n");
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      StringBuilder answer = new StringBuilder();
      while (answer.indexOf("\r\n\r\n") < 0) {
        int letter = in.read();
        if (letter < 0) throw new IOException("closed before an answer, requests left: " + left);
        answer.append((char) letter);
      }
      String length = answer.toString().split("(?i)\r\nContent-Length: ")[1].split("\r\n")[0];
      body = new String(in.readNBytes(Integer.parseInt(length)), StandardCharsets.ISO_8859_1);
    }
    return body;
  }

  private static String get(SSLSocket socket, Map<String, String> visit) throws IOException {
    // Two records: in TLS 1.0, JSSE splits all but the first (1/n-1).
    String line = "GET " + visit.get("path") + " HTTP/1.0\r\n";
    String header = "Host: " + visit.get("name") + "\r\n\r\n";
    socket.getOutputStream().write(line.getBytes(StandardCharsets.US_ASCII));
    socket.getOutputStream().write(header.getBytes(StandardCharsets.US_ASCII));
    byte[] bytes = socket.getInputStream().readAllBytes();
    String response = new String(bytes, StandardCharsets.ISO_8859_1);
    int end = response.indexOf("\r\n\r\n");
    return end < 0 ? "" : response.substring(end + 4);
  }

  private static String echo(SSLSocket socket, Map<String, String> visit) throws Exception {
    byte[] sent = new byte[number(visit, "echo")];
    new Random(4711).nextBytes(sent);
    OutputStream out = socket.getOutputStream();
    Thread sender =
        new Thread(
            () -> {
              try {
                out.write(sent);
              } catch (IOException error) {
                System.err.println(error);
              }
            });
    sender.start();
    byte[] received = socket.getInputStream().readNBytes(sent.length);
    sender.join();
    return Arrays.equals(sent, received) ? "intact" : "changed";
  }

  private static String json(Map<String, String> found) {
    StringBuilder text = new StringBuilder("{");
    for (String name : List.of("version", "cipher", "alpn", "body", "error")) {
      if (text.length() > 1) text.append(", ");
      text.append('"').append(name).append("\": \"");
      for (char letter : found.getOrDefault(name, "").toCharArray()) {
        if (letter < 0x20 || letter > 0x7e || letter == '"' || letter == '\\')
          text.append(String.format("\\u%04x", (int) letter));
        else text.append(letter);
      }
      text.append('"');
    }
    return text.append('}').toString();
  }
}
