import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * WebSocketClient PORT CA: sends binary messages of many sizes to a WebSocket echo on localhost (the
 * JDK's HttpClient), closes with code 1000, and prints "intact N close CODE": how many came back as
 * they were sent, and the code with which the server closed.
 */
final class WebSocketClient implements WebSocket.Listener {
  // Around the borders of the length field (RFC 6455 5.2), and over a TLS record.
  private static final int[] SIZES = {0, 1, 125, 126, 65535, 65536, 1024 * 1024};

  private final BlockingQueue<ByteBuffer> messages = new LinkedBlockingQueue<>();
  private final BlockingQueue<Integer> codes = new LinkedBlockingQueue<>();
  private ByteBuffer message = ByteBuffer.allocate(SIZES[SIZES.length - 1]);

  public static void main(String[] arguments) throws Exception {
    WebSocketClient client = new WebSocketClient();
    URI address = URI.create("wss://localhost:" + arguments[0] + "/echo");
    WebSocket socket =
        HttpClient.newBuilder()
            .sslContext(context(Path.of(arguments[1])))
            .build()
            .newWebSocketBuilder()
            .buildAsync(address, client)
            .get(8, TimeUnit.SECONDS);
    int intact = 0;
    for (int size : SIZES) {
      byte[] sent = new byte[size];
      new Random(size).nextBytes(sent);
      socket.sendBinary(ByteBuffer.wrap(sent), true).get(8, TimeUnit.SECONDS);
      ByteBuffer received = client.messages.poll(8, TimeUnit.SECONDS);
      if (ByteBuffer.wrap(sent).equals(received)) ++intact;
    }
    socket.sendClose(WebSocket.NORMAL_CLOSURE, "").get(8, TimeUnit.SECONDS);
    System.out.println("intact " + intact + " close " + client.codes.poll(8, TimeUnit.SECONDS));
    System.exit(0); // the HttpClient's threads would live on
  }

  private static SSLContext context(Path root) throws Exception {
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    try (InputStream in = Files.newInputStream(root)) {
      Certificate certificate = CertificateFactory.getInstance("X.509").generateCertificate(in);
      trusted.setCertificateEntry("root", certificate);
    }
    TrustManagerFactory managers =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    managers.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, managers.getTrustManagers(), null);
    return context;
  }

  @Override
  public CompletionStage<?> onBinary(WebSocket socket, ByteBuffer part, boolean last) {
    message.put(part);
    if (last) {
      messages.add(ByteBuffer.wrap(message.array(), 0, message.position()).slice());
      message = ByteBuffer.allocate(SIZES[SIZES.length - 1]);
    }
    socket.request(1);
    return null;
  }

  @Override
  public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
    codes.add(code);
    return null;
  }
}
