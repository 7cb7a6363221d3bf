namespace Pulumi;

/// <content>Tuples of values of different types.</content>
public static partial class Output
{
    /// <summary>One output of 2 values.</summary>
    public static Output<(T1, T2)> Tuple<T1, T2>(Input<T1> item1, Input<T2> item2)
        => Tuple(item1.ToOutput(), item2.ToOutput());

    /// <summary>One output of 3 values.</summary>
    public static Output<(T1, T2, T3)> Tuple<T1, T2, T3>(Input<T1> item1, Input<T2> item2, Input<T3> item3)
        => Tuple(item1.ToOutput(), item2.ToOutput(), item3.ToOutput());

    /// <summary>One output of 4 values.</summary>
    public static Output<(T1, T2, T3, T4)> Tuple<T1, T2, T3, T4>(Input<T1> item1, Input<T2> item2, Input<T3> item3, Input<T4> item4)
        => Tuple(item1.ToOutput(), item2.ToOutput(), item3.ToOutput(), item4.ToOutput());

    /// <summary>One output of 5 values.</summary>
    public static Output<(T1, T2, T3, T4, T5)> Tuple<T1, T2, T3, T4, T5>(Input<T1> item1, Input<T2> item2, Input<T3> item3, Input<T4> item4, Input<T5> item5)
        => Tuple(item1.ToOutput(), item2.ToOutput(), item3.ToOutput(), item4.ToOutput(), item5.ToOutput());

    /// <summary>One output of 6 values.</summary>
    public static Output<(T1, T2, T3, T4, T5, T6)> Tuple<T1, T2, T3, T4, T5, T6>(Input<T1> item1, Input<T2> item2, Input<T3> item3, Input<T4> item4, Input<T5> item5, Input<T6> item6)
        => Tuple(item1.ToOutput(), item2.ToOutput(), item3.ToOutput(), item4.ToOutput(), item5.ToOutput(), item6.ToOutput());

    /// <summary>One output of 7 values.</summary>
    public static Output<(T1, T2, T3, T4, T5, T6, T7)> Tuple<T1, T2, T3, T4, T5, T6, T7>(Input<T1> item1, Input<T2> item2, Input<T3> item3, Input<T4> item4, Input<T5> item5, Input<T6> item6, Input<T7> item7)
        => Tuple(item1.ToOutput(), item2.ToOutput(), item3.ToOutput(), item4.ToOutput(), item5.ToOutput(), item6.ToOutput(), item7.ToOutput());

    /// <summary>One output of 8 values.</summary>
    public static Output<(T1, T2, T3, T4, T5, T6, T7, T8)> Tuple<T1, T2, T3, T4, T5, T6, T7, T8>(Input<T1> item1, Input<T2> item2, Input<T3> item3, Input<T4> item4, Input<T5> item5, Input<T6> item6, Input<T7> item7, Input<T8> item8)
        => Tuple(item1.ToOutput(), item2.ToOutput(), item3.ToOutput(), item4.ToOutput(), item5.ToOutput(), item6.ToOutput(), item7.ToOutput(), item8.ToOutput());

    /// <summary>One output of 2 values.</summary>
    public static Output<(T1, T2)> Tuple<T1, T2>(Output<T1> item1, Output<T2> item2)
    {
        async Task<OutputData<(T1, T2)>> Run()
        {
            var data1 = await item1.DataTask.ConfigureAwait(false);
            var data2 = await item2.DataTask.ConfigureAwait(false);
            return data1.Then(data2).With((data1.Value, data2.Value));
        }
        return new(Run());
    }

    /// <summary>One output of 3 values.</summary>
    public static Output<(T1, T2, T3)> Tuple<T1, T2, T3>(Output<T1> item1, Output<T2> item2, Output<T3> item3)
    {
        async Task<OutputData<(T1, T2, T3)>> Run()
        {
            var data1 = await item1.DataTask.ConfigureAwait(false);
            var data2 = await item2.DataTask.ConfigureAwait(false);
            var data3 = await item3.DataTask.ConfigureAwait(false);
            return data1.Then(data2).Then(data3).With((data1.Value, data2.Value, data3.Value));
        }
        return new(Run());
    }

    /// <summary>One output of 4 values.</summary>
    public static Output<(T1, T2, T3, T4)> Tuple<T1, T2, T3, T4>(Output<T1> item1, Output<T2> item2, Output<T3> item3, Output<T4> item4)
    {
        async Task<OutputData<(T1, T2, T3, T4)>> Run()
        {
            var data1 = await item1.DataTask.ConfigureAwait(false);
            var data2 = await item2.DataTask.ConfigureAwait(false);
            var data3 = await item3.DataTask.ConfigureAwait(false);
            var data4 = await item4.DataTask.ConfigureAwait(false);
            return data1.Then(data2).Then(data3).Then(data4).With((data1.Value, data2.Value, data3.Value, data4.Value));
        }
        return new(Run());
    }

    /// <summary>One output of 5 values.</summary>
    public static Output<(T1, T2, T3, T4, T5)> Tuple<T1, T2, T3, T4, T5>(Output<T1> item1, Output<T2> item2, Output<T3> item3, Output<T4> item4, Output<T5> item5)
    {
        async Task<OutputData<(T1, T2, T3, T4, T5)>> Run()
        {
            var data1 = await item1.DataTask.ConfigureAwait(false);
            var data2 = await item2.DataTask.ConfigureAwait(false);
            var data3 = await item3.DataTask.ConfigureAwait(false);
            var data4 = await item4.DataTask.ConfigureAwait(false);
            var data5 = await item5.DataTask.ConfigureAwait(false);
            return data1.Then(data2).Then(data3).Then(data4).Then(data5).With((data1.Value, data2.Value, data3.Value, data4.Value, data5.Value));
        }
        return new(Run());
    }

    /// <summary>One output of 6 values.</summary>
    public static Output<(T1, T2, T3, T4, T5, T6)> Tuple<T1, T2, T3, T4, T5, T6>(Output<T1> item1, Output<T2> item2, Output<T3> item3, Output<T4> item4, Output<T5> item5, Output<T6> item6)
    {
        async Task<OutputData<(T1, T2, T3, T4, T5, T6)>> Run()
        {
            var data1 = await item1.DataTask.ConfigureAwait(false);
            var data2 = await item2.DataTask.ConfigureAwait(false);
            var data3 = await item3.DataTask.ConfigureAwait(false);
            var data4 = await item4.DataTask.ConfigureAwait(false);
            var data5 = await item5.DataTask.ConfigureAwait(false);
            var data6 = await item6.DataTask.ConfigureAwait(false);
            return data1.Then(data2).Then(data3).Then(data4).Then(data5).Then(data6).With((data1.Value, data2.Value, data3.Value, data4.Value, data5.Value, data6.Value));
        }
        return new(Run());
    }

    /// <summary>One output of 7 values.</summary>
    public static Output<(T1, T2, T3, T4, T5, T6, T7)> Tuple<T1, T2, T3, T4, T5, T6, T7>(Output<T1> item1, Output<T2> item2, Output<T3> item3, Output<T4> item4, Output<T5> item5, Output<T6> item6, Output<T7> item7)
    {
        async Task<OutputData<(T1, T2, T3, T4, T5, T6, T7)>> Run()
        {
            var data1 = await item1.DataTask.ConfigureAwait(false);
            var data2 = await item2.DataTask.ConfigureAwait(false);
            var data3 = await item3.DataTask.ConfigureAwait(false);
            var data4 = await item4.DataTask.ConfigureAwait(false);
            var data5 = await item5.DataTask.ConfigureAwait(false);
            var data6 = await item6.DataTask.ConfigureAwait(false);
            var data7 = await item7.DataTask.ConfigureAwait(false);
            return data1.Then(data2).Then(data3).Then(data4).Then(data5).Then(data6).Then(data7).With((data1.Value, data2.Value, data3.Value, data4.Value, data5.Value, data6.Value, data7.Value));
        }
        return new(Run());
    }

    /// <summary>One output of 8 values.</summary>
    public static Output<(T1, T2, T3, T4, T5, T6, T7, T8)> Tuple<T1, T2, T3, T4, T5, T6, T7, T8>(Output<T1> item1, Output<T2> item2, Output<T3> item3, Output<T4> item4, Output<T5> item5, Output<T6> item6, Output<T7> item7, Output<T8> item8)
    {
        async Task<OutputData<(T1, T2, T3, T4, T5, T6, T7, T8)>> Run()
        {
            var data1 = await item1.DataTask.ConfigureAwait(false);
            var data2 = await item2.DataTask.ConfigureAwait(false);
            var data3 = await item3.DataTask.ConfigureAwait(false);
            var data4 = await item4.DataTask.ConfigureAwait(false);
            var data5 = await item5.DataTask.ConfigureAwait(false);
            var data6 = await item6.DataTask.ConfigureAwait(false);
            var data7 = await item7.DataTask.ConfigureAwait(false);
            var data8 = await item8.DataTask.ConfigureAwait(false);
            return data1.Then(data2).Then(data3).Then(data4).Then(data5).Then(data6).Then(data7).Then(data8).With((data1.Value, data2.Value, data3.Value, data4.Value, data5.Value, data6.Value, data7.Value, data8.Value));
        }
        return new(Run());
    }
}
