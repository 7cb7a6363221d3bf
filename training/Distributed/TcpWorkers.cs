using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Reco.Training.Distributed;

/// <summary>Workers that find each other by the variables that launchers of PyTorch and the pods of an Indexed Job set
/// (<c>RANK</c>, <c>WORLD_SIZE</c>, <c>MASTER_ADDR</c>, <c>MASTER_PORT</c>), for there is no mpirun between pods. Worker 0 gathers the
/// others, adds their values in the order of their ranks and sends the sum back, so that a sum is the same bits each time. A
/// worker that is lost ends the others; started again, they go on from the last checkpoint.</summary>
internal sealed class TcpWorkers : ICollective
{
    private const int Hello = 0x5245_434f;
    private static readonly TimeSpan Gathering = TimeSpan.FromMinutes(15);
    private readonly Socket[] peers;
    private readonly float[] buffer = new float[1 << 16];

    private TcpWorkers(int rank, int size, Socket[] peers) => (Rank, Size, this.peers) = (rank, size, peers);

    /// <inheritdoc/>
    public int Rank { get; }

    /// <inheritdoc/>
    public int Size { get; }

    /// <summary>Waits until all workers are there.</summary>
    /// <param name="rendezvous">Where, and who this one is.</param>
    /// <param name="cancellation">Stops the waiting.</param>
    /// <exception cref="TrainingException">Some did not come in time.</exception>
    public static TcpWorkers Connect(Rendezvous rendezvous, CancellationToken cancellation)
    {
        var peers = rendezvous.Rank == 0 ? Gather(rendezvous, cancellation) : [Call(rendezvous, cancellation)];
        return new TcpWorkers(rendezvous.Rank, rendezvous.Size, peers);
    }

    /// <inheritdoc/>
    public void AllReduceSum(Span<float> values)
    {
        if (Rank > 0)
        {
            Send(peers[0], MemoryMarshal.AsBytes(values));
            Receive(peers[0], MemoryMarshal.AsBytes(values));
            return;
        }

        foreach (var peer in peers)
        {
            for (var start = 0; start < values.Length; start += buffer.Length)
            {
                var part = values.Slice(start, Math.Min(buffer.Length, values.Length - start));
                Receive(peer, MemoryMarshal.AsBytes(buffer.AsSpan(0, part.Length)));
                System.Numerics.Tensors.TensorPrimitives.Add(part, buffer.AsSpan(0, part.Length), part);
            }
        }

        SendAll(MemoryMarshal.AsBytes(values));
    }

    /// <inheritdoc/>
    public void Broadcast(Span<double> values)
    {
        if (Rank > 0)
        {
            Receive(peers[0], MemoryMarshal.AsBytes(values));
            return;
        }

        SendAll(MemoryMarshal.AsBytes(values));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var peer in peers)
        {
            peer.Dispose();
        }
    }

    private static Socket[] Gather(Rendezvous rendezvous, CancellationToken cancellation)
    {
        var start = Stopwatch.GetTimestamp();
        using var listener = new Socket(SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(rendezvous.IsLocal ? IPAddress.Loopback : IPAddress.IPv6Any, rendezvous.Port));
        listener.Listen(rendezvous.Size);
        var peers = new Socket?[rendezvous.Size - 1];
        while (peers.Contains(null))
        {
            if (!listener.Poll(TimeSpan.FromSeconds(0.2), SelectMode.SelectRead))
            {
                Wait(start, cancellation, $"workers {string.Join(", ", Enumerable.Range(1, peers.Length).Where(rank => peers[rank - 1] is null))} did not come");
                continue;
            }

            // A caller that is no worker of this job does not take a place.
            var peer = listener.Accept();
            if (Greeted(peer, rendezvous.Size) is { } rank && peers[rank - 1] is null)
            {
                peers[rank - 1] = Prepared(peer);
            }
            else
            {
                peer.Dispose();
            }
        }

        return peers!;
    }

    private static int? Greeted(Socket peer, int size)
    {
        var hello = new int[3];
        peer.ReceiveTimeout = 5_000;
        try
        {
            Receive(peer, MemoryMarshal.AsBytes(hello.AsSpan()));
        }
        catch (TrainingException)
        {
            return null;
        }

        return hello[0] == Hello && hello[2] == size && hello[1] > 0 && hello[1] < size ? hello[1] : null;
    }

    private static Socket Call(Rendezvous rendezvous, CancellationToken cancellation)
    {
        var start = Stopwatch.GetTimestamp();
        while (true)
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            try
            {
                socket.Connect(rendezvous.Address, rendezvous.Port);
                int[] hello = [Hello, rendezvous.Rank, rendezvous.Size];
                Send(socket, MemoryMarshal.AsBytes(hello.AsSpan()));
                return Prepared(socket);
            }
            catch (Exception error) when (error is SocketException or TrainingException)
            {
                // Worker 0 may start later, and its name may be known later still.
                socket.Dispose();
                Wait(start, cancellation, $"worker 0 does not answer at {rendezvous.Address}:{rendezvous.Port} ({error.Message})");
                Thread.Sleep(200);
            }
        }
    }

    private static Socket Prepared(Socket socket)
    {
        socket.NoDelay = true;
        socket.ReceiveTimeout = 0;
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);

        // A peer whose machine is gone says nothing more: a minute and a half without a sign of life ends the wait for it.
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 30);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 10);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 6);
        return socket;
    }

    private static void Wait(long start, CancellationToken cancellation, string what)
    {
        cancellation.ThrowIfCancellationRequested();
        if (Stopwatch.GetElapsedTime(start) > Gathering)
        {
            throw new TrainingException(string.Create(CultureInfo.InvariantCulture, $"After {Gathering.TotalMinutes} minutes {what}; start the job again, it goes on from the last checkpoint."));
        }
    }

    private void SendAll(ReadOnlySpan<byte> bytes)
    {
        foreach (var peer in peers)
        {
            Send(peer, bytes);
        }
    }

    private static void Send(Socket socket, ReadOnlySpan<byte> bytes)
    {
        try
        {
            while (bytes.Length > 0)
            {
                bytes = bytes[socket.Send(bytes)..];
            }
        }
        catch (SocketException error)
        {
            throw Lost(error);
        }
    }

    private static void Receive(Socket socket, Span<byte> bytes)
    {
        try
        {
            while (bytes.Length > 0)
            {
                var count = socket.Receive(bytes);
                bytes = count > 0 ? bytes[count..] : throw Lost(null);
            }
        }
        catch (SocketException error)
        {
            throw Lost(error);
        }
    }

    private static TrainingException Lost(SocketException? error) =>
        new($"Another worker was lost ({error?.Message ?? "it closed the connection"}); start the job again, it goes on from the last checkpoint.", error);
}
