import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsExchange;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;

/**
 * TlsServer http|echo|httpsserver CHAIN KEY VERSIONS: a TLS server (JSSE) on a free port of
 * 127.0.0.1; says "ready PORT" once it listens. CHAIN and KEY are PEM files (the key in PKCS #8),
 * VERSIONS is such as 1.0,1.2.
 *
 * <p>http: an SSLServerSocket, ALPN http/1.1, that answers every request with a line of its own
 * words: the version and the suite that it sees. echo: one that sends back what comes, until
 * close_notify. httpsserver: the JDK's HttpsServer answers as http does, but it ends HTTP/1.0 with
 * FIN alone, without close_notify.
 */
final class TlsServer {
  private static final char[] PASSWORD = "none".toCharArray();

  public static void main(String[] arguments) throws Exception {
    SSLContext context = context(Path.of(arguments[1]), Path.of(arguments[2]));
    String[] versions = arguments[3].split(",");
    for (int i = 0; i < versions.length; ++i)
      versions[i] = versions[i].equals("1.0") ? "TLSv1" : "TLSv" + versions[i];
    if (arguments[0].equals("httpsserver")) serveHttps(context, versions);
    else serveSockets(context, versions, arguments[0].equals("http"));
  }

  private static SSLContext context(Path chainFile, Path keyFile) throws Exception {
    Certificate[] chain;
    try (InputStream in = Files.newInputStream(chainFile)) {
      CertificateFactory factory = CertificateFactory.getInstance("X.509");
      chain = factory.generateCertificates(in).toArray(new Certificate[0]);
    }
    String text = Files.readString(keyFile).replaceAll("-----[^-]*-----", "");
    byte[] encoded = Base64.getMimeDecoder().decode(text);
    String algorithm = chain[0].getPublicKey().getAlgorithm();
    PrivateKey key =
        KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(encoded));
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    store.setKeyEntry("own", key, PASSWORD, chain);
    KeyManagerFactory keys =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(store, PASSWORD);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), null, null);
    return context;
  }

  private static byte[] greeting(SSLSession session) {
    String seen = session.getProtocol() + " " + session.getCipherSuite();
    return ("hello from java " + seen + "\n").getBytes(StandardCharsets.US_ASCII);
  }

  private static void serveHttps(SSLContext context, String[] versions) throws IOException {
    InetSocketAddress anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    HttpsServer server = HttpsServer.create(anyPort, 64);
    server.setHttpsConfigurator(
        new HttpsConfigurator(context) {
          @Override
          public void configure(HttpsParameters parameters) {
            SSLParameters tls = context.getDefaultSSLParameters();
            tls.setProtocols(versions);
            parameters.setSSLParameters(tls);
          }
        });
    server.createContext(
        "/",
        exchange -> {
          byte[] body = greeting(((HttpsExchange) exchange).getSSLSession());
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
    System.out.println("ready " + server.getAddress().getPort());
  }

  private static void serveSockets(SSLContext context, String[] versions, boolean http)
      throws IOException {
    SSLServerSocket listener =
        (SSLServerSocket)
            context
                .getServerSocketFactory()
                .createServerSocket(0, 64, InetAddress.getLoopbackAddress());
    SSLParameters parameters = listener.getSSLParameters();
    parameters.setProtocols(versions);
    if (http) parameters.setApplicationProtocols(new String[] {"http/1.1"});
    listener.setSSLParameters(parameters);
    System.out.println("ready " + listener.getLocalPort());
    while (true) {
      SSLSocket socket = (SSLSocket) listener.accept();
      new Thread(() -> serve(socket, http)).start();
    }
  }

  private static void serve(SSLSocket socket, boolean http) {
    try (socket) {
      if (http) answerRequests(socket);
      else socket.getInputStream().transferTo(socket.getOutputStream());
    } catch (IOException error) {
      System.err.println(error);
    }
  }

  private static void answerRequests(SSLSocket socket) throws IOException {
    InputStream bytes = socket.getInputStream();
    BufferedReader in =
        new BufferedReader(new InputStreamReader(bytes, StandardCharsets.ISO_8859_1));
    for (String request = in.readLine(); request != null; request = in.readLine()) {
      while (!in.readLine().isEmpty()) {} // the header
      byte[] body = greeting(socket.getSession());
      String head = "HTTP/1.1 200 OK\r\nContent-Length: " + body.length + "\r\n\r\n";
      // Two records: in TLS 1.0, JSSE splits all but the first (1/n-1).
      socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
      socket.getOutputStream().write(body);
      if (request.endsWith("HTTP/1.0")) socket.shutdownOutput(); // and reads on until FIN
    }
  }
}
