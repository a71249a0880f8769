import bot as bot  # before numpy: it sets how waiting threads behave
