// What the generator finds in this assembly: AddTestTypes().
[assembly: Module("TestTypes")]
